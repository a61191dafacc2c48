package io.sluice.rollout.api;

import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.HealthGate;
import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.RecoveryPolicy;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.rollout.plan.RolloutSpec;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.Strategy;
import io.sluice.rollout.plan.UnreachablePolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rollout as callers see it.
 *
 * @param detail the one thing it waits for or that decided it, in a sentence
 * @param conclusion the phase it will end in, once that is decided
 * @param configHash of the document that was submitted
 * @param targetHash bundle hash that every instance will report; known after the pre-flight
 * @param floor least number of backends in service
 * @param recovery what the last restart of the engine found
 * @param instances in the order of the walk; in an event only those that changed
 */
record RolloutView(
        String id,
        String pool,
        ConfigType type,
        Phase phase,
        Intent intent,
        RolloutStatus.Stage stage,
        @Nullable PauseReason pauseReason,
        @Nullable Phase conclusion,
        String detail,
        boolean finished,
        long version,
        Instant createdAt,
        Instant since,
        @Nullable Instant wakeAt,
        @Nullable Instant finishedAt,
        String configHash,
        @Nullable String targetHash,
        @Nullable List<String> baseHashes,
        @Nullable Integer floor,
        Policies policies,
        String reason,
        String author,
        List<RolloutProblem> problems,
        List<String> recovery,
        List<InstanceView> instances) {

    /** How it is to be done: the request with its defaults filled in. */
    record Policies(
            StrategyView strategy,
            FailurePolicy onFailure,
            int failureBudget,
            UnreachablePolicy onUnreachable,
            RecoveryPolicy onRecovery,
            HealthGate health,
            Deadlines deadlines) {
        static Policies of(RolloutSpec spec) {
            Strategy strategy = spec.strategy();
            return new Policies(
                    new StrategyView(strategy.type(), strategy.batch(), strategy.bake(), strategy.settle()),
                    spec.onFailure(),
                    spec.failureBudget(),
                    spec.onUnreachable(),
                    spec.onRecovery(),
                    spec.health(),
                    spec.deadlines());
        }
    }

    record StrategyView(Strategy.Type type, int batchSize, Duration bake, Duration settle) {}

    static RolloutView of(Rollout rollout) {
        return of(rollout, rollout.steps().stream().map(InstanceView::of).toList());
    }

    /** The same with no other instances than these. */
    static RolloutView of(Rollout rollout, Collection<String> instances) {
        return of(
                rollout,
                rollout.steps().stream()
                        .filter(step -> instances.contains(step.backend()))
                        .map(InstanceView::of)
                        .toList());
    }

    private static RolloutView of(Rollout rollout, List<InstanceView> instances) {
        RolloutSpec spec = rollout.spec();
        RolloutStatus status = rollout.status();
        boolean planned = rollout.plan() != null;
        return new RolloutView(
                rollout.id(),
                spec.pool(),
                spec.type(),
                status.phase(),
                status.intent(),
                status.stage(),
                status.pauseReason(),
                status.conclusion(),
                status.detail(),
                rollout.isOver(),
                rollout.version(),
                status.createdAt(),
                status.since(),
                status.wakeAt(),
                status.finishedAt(),
                spec.configHash(),
                planned ? rollout.requirePlan().targetHash() : null,
                planned ? rollout.requirePlan().baseHashes() : null,
                planned ? (Integer) rollout.requirePlan().floor() : spec.floor(),
                Policies.of(spec),
                spec.reason(),
                spec.author(),
                rollout.problems(),
                rollout.recovery(),
                instances);
    }
}
