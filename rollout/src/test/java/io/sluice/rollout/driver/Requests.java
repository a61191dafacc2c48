package io.sluice.rollout.driver;

import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.Strategy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Requests for {@link Simulation#NEW}. */
final class Requests {
    private Requests() {}

    static RolloutRequest plain() {
        return RolloutRequest.of(SimulatedFleet.POOL, ConfigType.WEBHOOKS, Simulation.NEW);
    }

    static RolloutRequest with(FailurePolicy onFailure, Deadlines deadlines) {
        return of(null, null, onFailure, deadlines);
    }

    static RolloutRequest batches(int batch, @Nullable Integer floor) {
        return of(new Strategy(Strategy.Type.ROLLING, batch, Duration.ZERO, Duration.ZERO), floor, null, null);
    }

    static RolloutRequest of(
            @Nullable Strategy strategy,
            @Nullable Integer floor,
            @Nullable FailurePolicy onFailure,
            @Nullable Deadlines deadlines) {
        RolloutRequest plain = plain();
        return new RolloutRequest(
                plain.pool(),
                plain.type(),
                plain.config(),
                strategy,
                floor,
                onFailure,
                null,
                null,
                null,
                null,
                deadlines,
                "test",
                "ana");
    }
}
