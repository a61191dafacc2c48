/**
 * Decides how a rollout goes on: {@code RolloutMachine} is one pure function from a state and an event to the
 * next state and the actions it asks for. No I/O, no clock, no threads; time comes in as a value.
 */
@NullMarked
package io.sluice.rollout.engine;

import org.jspecify.annotations.NullMarked;
