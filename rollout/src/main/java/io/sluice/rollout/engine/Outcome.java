package io.sluice.rollout.engine;

import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** How a rollout ended, and what the pool has to admit from then on. */
final class Outcome {
    private final Rollout rollout;
    private final FleetPlan plan;

    Outcome(Rollout rollout) {
        this.rollout = rollout;
        this.plan = rollout.requirePlan();
    }

    /** The end of a walk that went forward to its end; instances that left the pool do not count. */
    static Phase ofWalk(Rollout rollout, Predicate<InstanceStep> isMember) {
        boolean complete = rollout.steps().stream().filter(isMember).allMatch(step -> step.reached() == Step.DONE);
        return complete ? Phase.SUCCEEDED : Phase.PARTIAL;
    }

    /** Whether every instance that was changed is back on what it ran before. */
    boolean isRolledBack() {
        return rollout.steps().stream()
                .filter(InstanceStep::touched)
                .allMatch(step -> step.reached() == Step.COMPENSATED || isRemoved(step) || hadTargetBefore(step));
    }

    /** What the pool admits after {@code end}. */
    List<String> accepted(Phase end) {
        Set<String> hashes = new LinkedHashSet<>();
        if (end == Phase.SUCCEEDED || end == Phase.PARTIAL) {
            hashes.add(plan.targetHash());
            rollout.steps().stream()
                    .filter(step -> step.reached() == Step.COMPENSATED && step.preImage() != null)
                    .map(step -> Objects.requireNonNull(step.preImage()).hash())
                    .forEach(hashes::add);
            if (rollout.steps().stream().anyMatch(Outcome::wasLeftAsItWas)) {
                hashes.addAll(plan.baseHashes());
            }
            return List.copyOf(hashes);
        }
        hashes.addAll(plan.baseHashes());
        boolean mixed = rollout.steps().stream().anyMatch(this::mayRunTarget);
        if (mixed && end != Phase.ROLLED_BACK) {
            hashes.add(plan.targetHash());
        }
        if (end == Phase.ROLLED_BACK
                && hashes.size() > 1
                && rollout.steps().stream().noneMatch(this::hadTargetBefore)) {
            hashes.remove(plan.targetHash());
        }
        return List.copyOf(hashes);
    }

    /** Backends whose hold stays on purpose. */
    Set<String> keptHeld() {
        return rollout.steps().stream()
                .filter(step -> step.reached() == Step.QUARANTINED || step.reached() == Step.LOST)
                .map(InstanceStep::backend)
                .collect(Collectors.toSet());
    }

    private boolean mayRunTarget(InstanceStep step) {
        return switch (step.reached()) {
            case DONE, QUARANTINED, LOST -> true;
            case SKIPPED -> step.touched() && !isProvenUnchanged(step);
            default -> false;
        };
    }

    /** Whether it was seen on another configuration in its last walk, in which no change was sent. */
    private boolean isProvenUnchanged(InstanceStep step) {
        return step.tries() == 0
                && step.latest()
                        .map(proofs -> proofs.precheck())
                        .filter(checked -> !checked.preImage().hash().equals(plan.targetHash()))
                        .isPresent();
    }

    /** Skipped because something was wrong with it, so that it goes on with what it had. */
    private static boolean wasLeftAsItWas(InstanceStep step) {
        return step.reached() == Step.SKIPPED && step.failure() != null;
    }

    private boolean hadTargetBefore(InstanceStep step) {
        PreImage image = step.preImage();
        return image != null && image.hash().equals(plan.targetHash());
    }

    private static boolean isRemoved(InstanceStep step) {
        return step.reached() == Step.SKIPPED && step.failure() == null;
    }
}
