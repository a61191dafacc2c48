package io.sluice.rollout.plan;

import io.sluice.instance.api.ConfigType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request with its defaults filled in. The document itself lies in the store under its hash.
 *
 * @param configHash {@code ConfigHash.of} the new document
 * @param floor least number of backends in service, never broken by this rollout. Without it: one less than what is in service when
 *     it starts, at most the pool's own floor, at least 1
 */
public record RolloutSpec(
        String pool,
        ConfigType type,
        String configHash,
        Strategy strategy,
        @Nullable Integer floor,
        FailurePolicy onFailure,
        int failureBudget,
        UnreachablePolicy onUnreachable,
        RecoveryPolicy onRecovery,
        HealthGate health,
        Deadlines deadlines,
        String reason,
        String author) {
    public RolloutSpec {
        if (pool.isBlank()) {
            throw new IllegalArgumentException("pool: blank (expected: a pool's name)");
        }
        if (floor != null && floor < 1) {
            throw new IllegalArgumentException("floor: " + floor + " (expected: >= 1)");
        }
        if (failureBudget < 0) {
            throw new IllegalArgumentException("failure-budget: " + failureBudget + " (expected: >= 0)");
        }
    }

    public Duration deadline(Step step) {
        Duration limit = deadlines.towards(step);
        return step == Step.SETTLED ? limit.plus(strategy.settle()) : limit;
    }
}
