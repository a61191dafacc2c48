/**
 * The values of a rollout: what was asked for ({@link io.sluice.rollout.plan.RolloutRequest}), where it is
 * ({@link io.sluice.rollout.plan.Rollout}, one {@link io.sluice.rollout.plan.InstanceStep} per instance) and what shows that it
 * lost nothing ({@link io.sluice.rollout.plan.Evidence}). Immutable, serialisable, and free of decisions: those are the engine's.
 */
@NullMarked
package io.sluice.rollout.plan;

import org.jspecify.annotations.NullMarked;
