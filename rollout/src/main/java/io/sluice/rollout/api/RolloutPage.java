package io.sluice.rollout.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rollouts, newest first, without their instances.
 *
 * @param next the {@code before} of the next page; absent on the last
 */
record RolloutPage(List<RolloutView> rollouts, @Nullable String next) {}
