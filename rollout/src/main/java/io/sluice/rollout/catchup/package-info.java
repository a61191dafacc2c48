/**
 * Brings instances up to date that a rollout could not reach: those that a pool leaves out because of their configuration, and those
 * that came back under the hold of a rollout that has ended. Main type: {@link io.sluice.rollout.catchup.CatchUp}. Never touches an
 * instance that gets traffic, that an operator holds, or that a rollout works at; never decides what a pool should run.
 */
@NullMarked
package io.sluice.rollout.catchup;

import org.jspecify.annotations.NullMarked;
