package io.sluice.rollout.fake;

import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.Step;
import io.sluice.service.json.Json;
import java.time.Instant;
import java.util.List;

/** Rollouts and steps to start a test from. */
public final class Rollouts {
    public static final Instant START = FakeEngine.NOW;

    private Rollouts() {}

    public static Rollout pending(String id) {
        RolloutRequest request =
                RolloutRequest.of("webhooks", ConfigType.WEBHOOKS, Json.mapper().createObjectNode());
        return new Rollout(
                id, 1, 1, request.spec(), RolloutStatus.pending(START), null, List.of(), List.of(), List.of());
    }

    /** An instance that answered after 1 s, was held after 2 s more, and is waited for to drain until {@code until}. */
    public static InstanceStep draining(String backend, Instant until) {
        PreImage before = new PreImage("old", "w", "c", 1);
        return InstanceStep.queued(backend, "http://" + backend)
                .walk(Goal.UPDATE, false, START)
                .reached(Step.PRECHECK, new Proof.Prechecked(before, "healthy", List.of(), START.plusSeconds(1)))
                .reached(Step.HOLD_ADDED, new Proof.Held("rollout:r-1", "d-1", 7, 2, "boot-1", START.plusSeconds(3)))
                .toward(Step.LATCHED, until);
    }
}
