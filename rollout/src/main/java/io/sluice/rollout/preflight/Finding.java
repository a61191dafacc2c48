package io.sluice.rollout.preflight;

import io.sluice.instance.api.ConfigProblem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One mistake and the instances that named it.
 *
 * @param pointer a JSON Pointer (RFC 6901) into {@code file}
 * @param file which document of a bundle, empty when unknown
 */
public record Finding(
        String pointer,
        String file,
        String code,
        String message,
        @Nullable String hint,
        List<String> instances) {
    public Finding {
        instances = List.copyOf(instances);
    }

    static Finding of(ConfigProblem problem, String instance) {
        String file = problem.file() == null ? "" : problem.file();
        return new Finding(
                problem.pointer(), file, problem.code(), problem.message(), problem.hint(), List.of(instance));
    }

    Finding alsoFoundBy(List<String> others) {
        List<String> all = new ArrayList<>(instances);
        all.addAll(others);
        return new Finding(pointer, file, code, message, hint, all);
    }
}
