/**
 * The engine's numbers. {@link io.sluice.rollout.observe.RolloutMetrics} turns the changes of rollouts into meters; the engine does not know
 * that it is measured.
 */
@NullMarked
package io.sluice.rollout.observe;

import org.jspecify.annotations.NullMarked;
