package io.sluice.rollout.engine;

import static io.sluice.rollout.plan.Step.APPLYING;
import static io.sluice.rollout.plan.Step.CONFIG_VERIFIED;
import static io.sluice.rollout.plan.Step.HOLD_ADDED;
import static io.sluice.rollout.plan.Step.HOLD_REMOVED;
import static io.sluice.rollout.plan.Step.IN_SERVICE;
import static io.sluice.rollout.plan.Step.LOST;
import static io.sluice.rollout.plan.Step.QUEUED;
import static io.sluice.rollout.plan.Step.SKIPPED;

import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Step;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to do with a touched instance after a restart, from what it is found to be and not from what the journal believes. Capacity
 * comes first: whatever is found unchanged is put back, whatever is found changed is led into service.
 */
final class Classification {
    private final FleetPlan plan;
    private final StepMachine steps;

    Classification(FleetPlan plan, StepMachine steps) {
        this.plan = plan;
        this.steps = steps;
    }

    /**
     * How one instance goes on.
     *
     * @param drifted somebody else changed it, so that a human has to look
     */
    record Verdict(InstanceStep step, boolean drifted, String finding) {}

    Verdict of(InstanceStep step, Observation seen) {
        if (!seen.inPool()) {
            return step.isInFlight()
                    ? verdict(steps.release(step, SKIPPED, "removed from the pool"), "is no longer in the pool")
                    : verdict(step, "is no longer in the pool");
        }
        if (!step.isInFlight()) {
            return settled(step, seen);
        }
        return switch (step.goal()) {
            case RELEASE -> verdict(resumed(step), "was being put back: going on");
            case RESTORE -> restoring(step, seen);
            case UPDATE -> updating(step, seen);
        };
    }

    /** An instance nobody worked on should run what it was left with. */
    private Verdict settled(InstanceStep step, Observation seen) {
        String expected = expected(step);
        String hash = seen.hash();
        if (expected == null || hash == null || hash.equals(expected)) {
            return verdict(step, hash == null ? "does not answer" : "is as it was left");
        }
        return new Verdict(step, true, "was left on " + expected + " and runs " + hash);
    }

    private Verdict updating(InstanceStep step, Observation seen) {
        String hash = seen.hash();
        if (hash == null) {
            return unanswered(step, seen);
        }
        boolean updated = hash.equals(plan.targetHash());
        boolean unchanged = hash.equals(before(step));
        boolean begun = step.tries() > 0;
        if (step.inPlace()) {
            return inPlace(step, updated, unchanged);
        }
        if (updated) {
            return seen.held() || !begun
                    ? verdict(steps.toward(step, CONFIG_VERIFIED), "is held and updated: verifying")
                    : verdict(steps.toward(step, IN_SERVICE), "is updated and not held: confirming");
        }
        if (unchanged || !begun) {
            boolean verifiedBefore = CONFIG_VERIFIED.compareTo(step.reached()) <= 0;
            boolean drifted = (verifiedBefore && !seen.held()) || (!unchanged && before(step) != null);
            InstanceStep back = steps.release(step, QUEUED, "unchanged");
            return new Verdict(
                    back,
                    drifted,
                    drifted ? "runs " + hash + ", changed by somebody else" : "is unchanged: putting back");
        }
        return seen.held()
                ? verdict(
                        steps.restore(step.failed("found on " + hash + " after a restart"), APPLYING),
                        "is held and runs neither the old nor the new configuration: restoring")
                : new Verdict(
                        steps.release(step, SKIPPED, "runs " + hash), true, "runs " + hash + ", which is neither");
    }

    private Verdict inPlace(InstanceStep step, boolean updated, boolean unchanged) {
        if (updated) {
            return verdict(steps.toward(step, CONFIG_VERIFIED), "is updated in place: verifying");
        }
        InstanceStep back = steps.release(step, QUEUED, "unchanged");
        return unchanged || step.tries() == 0
                ? verdict(back, "is unchanged: waits for its turn")
                : new Verdict(steps.release(step, SKIPPED, "left as it is"), true, "runs another configuration");
    }

    private Verdict restoring(InstanceStep step, Observation seen) {
        String hash = seen.hash();
        if (hash == null) {
            return unanswered(step, seen);
        }
        PreImage image = Objects.requireNonNull(step.preImage(), "preImage");
        boolean back = hash.equals(image.hash());
        if (back && (seen.held() || step.inPlace())) {
            return verdict(steps.toward(step, CONFIG_VERIFIED), "is back on its old configuration: verifying");
        }
        if (back) {
            return verdict(steps.toward(step, IN_SERVICE), "is back and not held: confirming");
        }
        if (seen.held() || hash.equals(plan.targetHash())) {
            return verdict(
                    steps.toward(step, step.inPlace() ? APPLYING : HOLD_ADDED), "is not restored yet: restoring");
        }
        return new Verdict(step.exit(SKIPPED, "left as it is"), true, "runs " + hash + ", which is neither");
    }

    private Verdict unanswered(InstanceStep step, Observation seen) {
        boolean unchanged = step.goal() == Goal.UPDATE && step.tries() == 0;
        if (unchanged && !seen.held()) {
            return verdict(steps.release(step, QUEUED, "untouched"), "does not answer and was not touched");
        }
        InstanceStep lost = step.failed("did not answer after a restart of the engine");
        return verdict(lost.exit(LOST, "does not answer"), "does not answer: left as it is");
    }

    private InstanceStep resumed(InstanceStep step) {
        return steps.toward(
                step, Objects.requireNonNull(step.doing(), "doing") == HOLD_REMOVED ? HOLD_REMOVED : Step.UNDRAINED);
    }

    private @Nullable String expected(InstanceStep step) {
        PreImage image = step.preImage();
        return switch (step.reached()) {
            case DONE -> plan.targetHash();
            case COMPENSATED -> image == null ? null : image.hash();
            default -> null;
        };
    }

    private static @Nullable String before(InstanceStep step) {
        return step.latest()
                .map(proofs -> proofs.precheck())
                .map(checked -> checked.preImage().hash())
                .orElse(null);
    }

    private static Verdict verdict(InstanceStep step, String finding) {
        return new Verdict(step, false, finding);
    }
}
