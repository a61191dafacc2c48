package io.sluice.rollout.api;

import io.sluice.rollout.plan.RolloutProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One mistake in a submitted configuration and the instances that named it.
 *
 * @param pointer a JSON Pointer (RFC 6901) into {@code file}
 * @param file which document of a bundle, empty when unknown
 */
record Finding(
        String pointer,
        String file,
        String code,
        String message,
        @Nullable String hint,
        List<String> instances) {
    Finding {
        instances = List.copyOf(instances);
    }

    static Finding of(RolloutProblem mistake, List<String> instances) {
        return new Finding(
                mistake.pointer(), mistake.file(), mistake.code(), mistake.message(), mistake.hint(), instances);
    }
}
