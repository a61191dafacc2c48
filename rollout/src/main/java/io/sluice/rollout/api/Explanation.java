package io.sluice.rollout.api;

import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a rollout is not further: the one condition that it waits for.
 *
 * @param waitingFor in a sentence
 * @param instance which instance it is about; absent when it is about the whole
 * @param doing the step that the instance is worked towards
 * @param since when the waiting began
 * @param until when it ends by itself; absent when only somebody's action ends it
 */
record Explanation(
        String rollout,
        Phase phase,
        Intent intent,
        @Nullable PauseReason pauseReason,
        boolean finished,
        String waitingFor,
        @Nullable String instance,
        @Nullable Step doing,
        Instant since,
        @Nullable Instant until) {

    static Explanation of(Rollout rollout) {
        Optional<InstanceStep> blocking = rollout.isOver() ? Optional.empty() : blocking(rollout);
        return new Explanation(
                rollout.id(),
                rollout.phase(),
                rollout.intent(),
                rollout.status().pauseReason(),
                rollout.isOver(),
                blocking.map(Explanation::sentence).orElse(rollout.status().detail()),
                blocking.map(InstanceStep::backend).orElse(null),
                blocking.map(InstanceStep::doing).orElse(null),
                blocking.flatMap(InstanceView::since).orElse(rollout.status().since()),
                blocking.map(InstanceStep::deadline).orElse(rollout.status().wakeAt()));
    }

    /** Of the instances that are worked at, the one whose deadline comes first decides what happens next. */
    private static Optional<InstanceStep> blocking(Rollout rollout) {
        return rollout.steps().stream()
                .filter(InstanceStep::isInFlight)
                .min(Comparator.comparing(
                        InstanceStep::deadline, Comparator.nullsLast(Comparator.<Instant>naturalOrder())));
    }

    private static String sentence(InstanceStep step) {
        String instance = step.backend();
        Step doing = step.doing();
        if (doing == null) {
            return instance + " is at " + step.reached();
        }
        return switch (doing) {
            case QUEUED -> instance + " to get its turn";
            case PRECHECK -> instance + " to answer before it is touched";
            case HOLD_ADDED -> "the proxy to keep " + instance + " out";
            case LATCHED -> "requests that the proxy has running on " + instance + " to end";
            case INSTANCE_DRAINED -> "requests inside " + instance + " to end";
            case APPLYING -> instance + " to take the configuration";
            case CONFIG_VERIFIED -> instance + " to report the wanted configuration, healthy";
            case UNDRAINED -> instance + " to end its drain";
            case HEALTHY -> "enough probes of " + instance + " to pass";
            case HOLD_REMOVED -> "the proxy to let " + instance + " back in";
            case IN_SERVICE -> "the first success of " + instance + " in service";
            case SETTLED -> instance + " to stay in service for the settling time";
            case DONE, SKIPPED, COMPENSATED, QUARANTINED, LOST -> instance + " to end as " + doing;
        };
    }
}
