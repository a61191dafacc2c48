package io.sluice.rollout.plan;

/**
 * What the instances of a pool should run according to the last finished rollout.
 *
 * @param hash bundle hash; the store has the bundle under this name
 * @param rollout which rollout decided it
 */
public record DesiredConfiguration(String pool, String hash, String rollout) {}
