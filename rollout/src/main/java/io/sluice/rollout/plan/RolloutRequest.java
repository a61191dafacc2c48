package io.sluice.rollout.plan;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigHash;
import io.sluice.instance.api.ConfigType;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks for: the body of {@code POST /v1/rollouts}. Everything but the first three may be missing.
 *
 * @param config the new document, {@code {$VAR}} unsubstituted; for a bundle {@code {"webhooks":…,"connections":…}}
 * @param floor least number of backends in service; see {@link RolloutSpec#floor()}
 * @param failureBudget how many instances may fail under {@link FailurePolicy#CONTINUE}
 */
public record RolloutRequest(
        String pool,
        ConfigType type,
        JsonNode config,
        @Nullable Strategy strategy,
        @Nullable Integer floor,
        @Nullable FailurePolicy onFailure,
        @Nullable Integer failureBudget,
        @Nullable UnreachablePolicy onUnreachable,
        @Nullable RecoveryPolicy onRecovery,
        @Nullable HealthGate health,
        @Nullable Deadlines deadlines,
        @Nullable String reason,
        @Nullable String author) {

    /** A request with every default. */
    public static RolloutRequest of(String pool, ConfigType type, JsonNode config) {
        return new RolloutRequest(pool, type, config, null, null, null, null, null, null, null, null, null, null);
    }

    /** The same with every default filled in and the document replaced by its hash. */
    public RolloutSpec spec() {
        return new RolloutSpec(
                pool,
                type,
                ConfigHash.of(config),
                strategy == null ? Strategy.ROLLING : strategy,
                floor,
                onFailure == null ? FailurePolicy.HALT : onFailure,
                failureBudget == null ? 1 : failureBudget,
                onUnreachable == null ? UnreachablePolicy.SKIP : onUnreachable,
                onRecovery == null ? RecoveryPolicy.AUTO : onRecovery,
                health == null ? HealthGate.DEFAULT : health,
                deadlines == null ? Deadlines.DEFAULT : deadlines,
                reason == null ? "" : reason,
                author == null ? "unknown" : author);
    }
}
