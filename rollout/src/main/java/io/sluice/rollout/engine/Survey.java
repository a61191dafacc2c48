package io.sluice.rollout.engine;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one look at the pool means for a rollout at rest: who came, who left, who came back changed, and who is next. */
final class Survey {
    /** So that an instance which loses its configuration at each restart does not keep a rollout going for ever. */
    private static final int MAX_RETURNS = 3;

    private final Rollout rollout;
    private final FleetPlan plan;
    private final PoolView view;

    Survey(Rollout rollout, PoolView view) {
        this.rollout = rollout;
        this.plan = rollout.requirePlan();
        this.view = view;
    }

    /** The steps with the pool's present members. */
    List<InstanceStep> reconciled() {
        List<InstanceStep> steps = new ArrayList<>();
        for (InstanceStep step : rollout.steps()) {
            steps.add(Floor.find(view, step.backend())
                    .map(backend -> present(step, backend))
                    .orElseGet(() -> step.isQueued() ? step.exit(Step.SKIPPED, "removed from the pool") : step));
        }
        if (isForward()) {
            for (BackendView backend : view.backends()) {
                if (rollout.step(backend.id()).isEmpty() && backend.adminUrl() != null) {
                    steps.add(InstanceStep.queued(backend.id(), backend.adminUrl()));
                }
            }
        }
        return steps;
    }

    /** Those that wait for a batch and may have one. */
    List<InstanceStep> pending() {
        return rollout.steps().stream()
                .filter(step -> step.isQueued() && (isForward() || step.goal() == Goal.RESTORE))
                .toList();
    }

    /** The next batch; empty when the floor does not allow anybody to be taken out now. */
    List<InstanceStep> batch() {
        List<InstanceStep> candidates = new ArrayList<>(pending());
        if (rollout.phase() == Phase.ROLLING_BACK) {
            Collections.reverse(candidates);
        }
        candidates.sort(Comparator.comparingInt(this::rank));
        List<InstanceStep> batch = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (InstanceStep candidate : candidates) {
            boolean allowed = isInPlace(candidate) || Floor.permits(view, candidate.backend(), plan.floor(), taken);
            if (allowed && batch.size() < rollout.spec().strategy().batch()) {
                batch.add(candidate);
                taken.add(candidate.backend());
            }
        }
        return batch;
    }

    /** Whether the pool cannot spare it, so that it is changed where it is. */
    boolean isInPlace(InstanceStep step) {
        if (Floor.isOutOfReach(view, plan.floor())) {
            return true;
        }
        return plan.alone() && !Floor.permits(view, step.backend(), plan.floor());
    }

    boolean isMember(InstanceStep step) {
        return Floor.find(view, step.backend()).isPresent();
    }

    private InstanceStep present(InstanceStep step, BackendView backend) {
        InstanceStep located = step.withAdminUrl(backend.adminUrl());
        String reported = backend.configHash();
        boolean mayChange = step.reached() == Step.DONE || (step.reached() == Step.SKIPPED && step.failure() == null);
        boolean changed = mayChange
                && isForward()
                && step.returns() < MAX_RETURNS
                && backend.health() == Health.UP
                && reported != null
                && !reported.equals(plan.targetHash());
        return changed ? located.returned("is there again, with " + reported) : located;
    }

    private boolean isForward() {
        return rollout.phase() != Phase.ROLLING_BACK
                && rollout.phase() != Phase.ABORTING
                && rollout.status().conclusion() == null;
    }

    /** First those that are out but answer, because taking them costs nothing; those that are down last. */
    private int rank(InstanceStep step) {
        Optional<BackendView> backend = Floor.find(view, step.backend());
        if (backend.isEmpty() || backend.get().eligible()) {
            return 1;
        }
        return backend.get().health() == Health.UP ? 0 : 2;
    }
}
