package io.sluice.rollout.engine;

import io.sluice.rollout.plan.RolloutProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one instance said to the pre-flight.
 *
 * @param currentHash what it runs; absent when it did not answer
 * @param resultHash what it would run; absent when it did not answer or found problems
 * @param detail why it did not answer
 */
public record Examination(
        String backend,
        @Nullable String currentHash,
        @Nullable String resultHash,
        List<RolloutProblem> problems,
        String detail) {
    public Examination {
        problems = List.copyOf(problems);
    }

    public boolean answered() {
        return currentHash != null;
    }
}
