package io.sluice.rollout.engine;

import org.jspecify.annotations.Nullable;

/**
 * How an instance was found after a restart of the engine.
 *
 * @param held whether our hold is on it
 * @param hash what it runs; absent when it did not answer
 * @param checksPass whether its own checks pass, drained or not
 */
public record Observation(
        String backend,
        boolean inPool,
        boolean held,
        @Nullable String hash,
        boolean checksPass) {}
