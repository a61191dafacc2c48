package io.sluice.rollout.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.HealthGate;
import io.sluice.rollout.plan.RecoveryPolicy;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.Strategy;
import io.sluice.rollout.plan.UnreachablePolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Body of {@code POST /v1/rollouts}; everything but {@code type} and {@code config} may be missing. */
record RolloutBody(
        @Nullable String pool,
        ConfigType type,
        JsonNode config,
        @Nullable StrategyBody strategy,
        @Nullable Integer floor,
        @Nullable FailurePolicy onFailure,
        @Nullable Integer failureBudget,
        @Nullable UnreachablePolicy onUnreachable,
        @Nullable RecoveryPolicy onRecovery,
        @Nullable HealthBody health,
        @Nullable DeadlinesBody deadlines,
        @Nullable String reason,
        @Nullable String author) {
    RolloutBody {
        if (floor != null && floor < 1) {
            throw new IllegalArgumentException("floor: " + floor + " (expected: >= 1)");
        }
        if (failureBudget != null && failureBudget < 0) {
            throw new IllegalArgumentException("failureBudget: " + failureBudget + " (expected: >= 0)");
        }
    }

    /** The same for the engine, with the process's defaults where the caller said nothing. */
    RolloutRequest request(String intoPool, String by, RolloutDefaults defaults) {
        return new RolloutRequest(
                intoPool,
                type,
                config,
                strategy == null ? defaults.strategy() : strategy.strategy(defaults.strategy()),
                floor,
                onFailure == null ? defaults.onFailure() : onFailure,
                failureBudget,
                onUnreachable == null ? defaults.onUnreachable() : onUnreachable,
                onRecovery,
                health == null ? null : HealthGate.of(health.passes(), health.of()),
                deadlines == null ? defaults.deadlines() : deadlines.deadlines(defaults.deadlines()),
                reason,
                by);
    }

    record StrategyBody(
            Strategy.@Nullable Type type,
            @Nullable Integer batchSize,
            @Nullable Duration bake,
            @Nullable Duration settle) {
        StrategyBody {
            // Refuses the impossible here, where the caller is told which member it is.
            Strategy.of(type, batchSize, bake, settle);
        }

        Strategy strategy(Strategy defaults) {
            return Strategy.of(
                    type,
                    batchSize == null ? (Integer) defaults.batch() : batchSize,
                    bake == null ? defaults.bake() : bake,
                    settle == null ? defaults.settle() : settle);
        }
    }

    record HealthBody(@Nullable Integer passes, @Nullable Integer of) {
        HealthBody {
            HealthGate.of(passes, of);
        }
    }

    record DeadlinesBody(
            @Nullable Duration reach,
            @Nullable Duration drain,
            @Nullable Duration apply,
            @Nullable Duration health,
            @Nullable Duration proxy) {
        DeadlinesBody {
            Deadlines.of(reach, drain, apply, health, proxy);
        }

        Deadlines deadlines(Deadlines defaults) {
            return new Deadlines(
                    reach == null ? defaults.reach() : reach,
                    drain == null ? defaults.drain() : drain,
                    apply == null ? defaults.apply() : apply,
                    health == null ? defaults.health() : health,
                    proxy == null ? defaults.proxy() : proxy);
        }
    }
}
