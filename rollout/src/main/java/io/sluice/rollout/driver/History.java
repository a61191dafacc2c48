package io.sluice.rollout.driver;

import io.sluice.rollout.plan.DesiredConfiguration;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.store.StoredRollout;
import io.sluice.rollout.store.StoredState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Questions about what was stored. */
final class History {
    private final StoredState state;

    History(StoredState state) {
        this.state = state;
    }

    /** All, newest first. */
    List<Rollout> newestFirst() {
        List<Rollout> all = new ArrayList<>(
                state.rollouts().stream().map(StoredRollout::rollout).toList());
        Collections.reverse(all);
        return all;
    }

    Optional<Rollout> active(String pool) {
        return newestFirst().stream()
                .filter(r -> r.spec().pool().equals(pool) && !r.isOver())
                .findFirst();
    }

    Optional<DesiredConfiguration> desired(String pool) {
        return finished(pool).stream().flatMap(r -> desired(r).stream()).findFirst();
    }

    /** Holds that nobody has taken over since. */
    List<LeftBehind> leftBehind(String pool) {
        List<LeftBehind> left = new ArrayList<>();
        Set<String> broughtBack = new HashSet<>();
        for (Rollout rollout : finished(pool)) {
            for (InstanceStep step : rollout.steps()) {
                boolean out = step.reached() == Step.QUARANTINED || step.reached() == Step.LOST;
                if (out && !broughtBack.contains(step.backend())) {
                    String reason = step.failure() == null ? "" : step.failure();
                    left.add(new LeftBehind(pool, step.backend(), rollout.holder(), step.reached(), reason));
                } else if (!out && !step.evidence().isEmpty() && step.reached() != Step.SKIPPED) {
                    broughtBack.add(step.backend());
                }
            }
        }
        return left;
    }

    /** Whether the rollout behind a hold or a drain, named by its holder, has ended or is long forgotten. */
    boolean isOver(String holder) {
        String prefix = Rollout.holderOf("");
        return holder.startsWith(prefix)
                && state.find(holder.substring(prefix.length()))
                        .map(stored -> stored.rollout().isOver())
                        .orElse(true);
    }

    private List<Rollout> finished(String pool) {
        return newestFirst().stream()
                .filter(r -> r.spec().pool().equals(pool) && r.isOver())
                .toList();
    }

    /** A rollout that was stopped leaves what was there before as the safe choice. */
    private static Optional<DesiredConfiguration> desired(Rollout rollout) {
        FleetPlan plan = rollout.plan();
        if (plan == null) {
            return Optional.empty();
        }
        return switch (rollout.phase()) {
            case SUCCEEDED, PARTIAL ->
                Optional.of(new DesiredConfiguration(rollout.spec().pool(), plan.targetHash(), rollout.id()));
            case ABORTED, HALTED, ROLLED_BACK ->
                plan.baseHashes().size() == 1
                                && isStored(rollout, plan.baseHashes().get(0))
                        ? Optional.of(new DesiredConfiguration(
                                rollout.spec().pool(), plan.baseHashes().get(0), rollout.id()))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean isStored(Rollout rollout, String hash) {
        return rollout.steps().stream().anyMatch(step -> {
            PreImage image = step.preImage();
            return image != null && image.hash().equals(hash);
        });
    }
}
