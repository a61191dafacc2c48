package io.sluice.rollout.plan;

import org.jspecify.annotations.Nullable;

/**
 * One reason why a rollout was rejected.
 *
 * @param backend the instance that found it; absent when it concerns the whole rollout
 * @param pointer JSON Pointer into {@code file}; empty when it is about no place in a document
 */
public record RolloutProblem(
        @Nullable String backend,
        String file,
        String pointer,
        String code,
        String message,
        @Nullable String hint) {
    /** A problem with no place in a document. */
    public static RolloutProblem of(@Nullable String backend, String code, String message) {
        return new RolloutProblem(backend, "", "", code, message, null);
    }
}
