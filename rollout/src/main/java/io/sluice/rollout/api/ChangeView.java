package io.sluice.rollout.api;

import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import io.sluice.rollout.plan.RolloutStatus;
import java.time.Instant;
import java.util.List;

/** One stored change of a rollout: where it was then, and the instances that moved. */
record ChangeView(
        long sequence,
        String rollout,
        long version,
        Instant at,
        Phase phase,
        Intent intent,
        RolloutStatus.Stage stage,
        String detail,
        List<InstanceView> instances) {

    static ChangeView of(RolloutEvent event, Instant at) {
        Rollout rollout = event.rollout();
        return new ChangeView(
                event.sequence(),
                rollout.id(),
                rollout.version(),
                at,
                rollout.phase(),
                rollout.intent(),
                rollout.status().stage(),
                rollout.status().detail(),
                RolloutView.of(rollout, event.changed()).instances());
    }
}
