package io.sluice.rollout.engine;

import static io.sluice.rollout.plan.Step.APPLYING;
import static io.sluice.rollout.plan.Step.COMPENSATED;
import static io.sluice.rollout.plan.Step.CONFIG_VERIFIED;
import static io.sluice.rollout.plan.Step.DONE;
import static io.sluice.rollout.plan.Step.HEALTHY;
import static io.sluice.rollout.plan.Step.HOLD_ADDED;
import static io.sluice.rollout.plan.Step.HOLD_REMOVED;
import static io.sluice.rollout.plan.Step.INSTANCE_DRAINED;
import static io.sluice.rollout.plan.Step.IN_SERVICE;
import static io.sluice.rollout.plan.Step.LATCHED;
import static io.sluice.rollout.plan.Step.LOST;
import static io.sluice.rollout.plan.Step.PRECHECK;
import static io.sluice.rollout.plan.Step.QUARANTINED;
import static io.sluice.rollout.plan.Step.QUEUED;
import static io.sluice.rollout.plan.Step.SETTLED;
import static io.sluice.rollout.plan.Step.SKIPPED;
import static io.sluice.rollout.plan.Step.UNDRAINED;

import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Proof.Prechecked;
import io.sluice.rollout.plan.RolloutSpec;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.UnreachablePolicy;
import java.time.Instant;
import java.util.Objects;

/**
 * How one instance goes on. The walk is the order of {@link Step}; an update in place leaves out what has to do with holds and drains.
 * Until a change was begun a failure leads to a release; after that to a restore, and if that fails too to quarantine.
 */
final class StepMachine {
    private static final int MAX_TRIES = 3;

    private final RolloutSpec spec;
    private final FleetPlan plan;
    private final Instant now;

    StepMachine(RolloutSpec spec, FleetPlan plan, Instant now) {
        this.spec = spec;
        this.plan = plan;
        this.now = now;
    }

    /** Takes a queued instance up. */
    InstanceStep start(InstanceStep step, boolean inPlace) {
        return toward(step.walk(step.goal(), inPlace, now), PRECHECK);
    }

    InstanceStep achieved(InstanceStep step, Proof proof) {
        Step done = doing(step);
        InstanceStep proven = step.reached(done, proof);
        if (proof instanceof Prechecked checked) {
            return prechecked(proven, checked);
        }
        return step.goal() == Goal.RELEASE && done == UNDRAINED ? toward(proven, HOLD_REMOVED) : onward(proven);
    }

    InstanceStep failed(InstanceStep step, Failure failure) {
        return switch (step.goal()) {
            case UPDATE -> updateFailed(step, failure);
            case RESTORE -> restoreFailed(step, failure);
            case RELEASE -> releaseFailed(step, failure);
        };
    }

    /** Bends the walk to what is asked now: nothing that was not changed yet is changed any more. */
    InstanceStep redirect(InstanceStep step, Intent intent) {
        if (!step.isInFlight() || step.goal() != Goal.UPDATE || !intent.isAtLeast(Intent.ABORT)) {
            return step;
        }
        return switch (doing(step)) {
            case PRECHECK -> step.exit(SKIPPED, "stopped before it was touched");
            case HOLD_ADDED, LATCHED, INSTANCE_DRAINED -> release(step, SKIPPED, "put back before it was changed");
            case CONFIG_VERIFIED, UNDRAINED, HEALTHY -> intent == Intent.ROLLBACK ? restore(step, APPLYING) : step;
            default -> step;
        };
    }

    /** Continues towards {@code next}, with a new attempt and a new deadline. */
    InstanceStep toward(InstanceStep step, Step next) {
        return step.toward(next, now.plus(spec.deadline(next)));
    }

    /** Puts an instance back into service whose configuration was not changed. */
    InstanceStep release(InstanceStep step, Step exit, String why) {
        InstanceStep releasing = step.releasing(exit, why);
        if (step.inPlace() || !step.isInFlight()) {
            return exit(releasing);
        }
        boolean drained = LATCHED.isBefore(doing(step));
        return toward(releasing, drained ? UNDRAINED : HOLD_REMOVED);
    }

    /** Turns around onto the pre-image, beginning at {@code entry}. */
    InstanceStep restore(InstanceStep step, Step entry) {
        PreImage image = step.preImage();
        if (image == null || image.hash().equals(plan.targetHash())) {
            return step.failed("there is no other configuration to go back to").exit(QUARANTINED, null);
        }
        return toward(step.walk(Goal.RESTORE, step.inPlace(), now), step.inPlace() ? APPLYING : entry);
    }

    /** What the walk brings the instance onto. */
    String wanted(InstanceStep step) {
        PreImage image = step.preImage();
        return step.goal() == Goal.RESTORE && image != null ? image.hash() : plan.targetHash();
    }

    private InstanceStep prechecked(InstanceStep step, Prechecked checked) {
        PreImage current = checked.preImage();
        if (current.hash().equals(wanted(step)) && checked.inheritedHolds().isEmpty()) {
            return step.exit(step.goal() == Goal.RESTORE ? COMPENSATED : DONE, "ran it already");
        }
        PreImage known = step.preImage();
        boolean first = known == null || known.hash().equals(plan.targetHash());
        return onward(first ? step.withPreImage(current) : step);
    }

    private InstanceStep onward(InstanceStep step) {
        Step next = next(step);
        return next.isExit() ? exit(step) : toward(step, next);
    }

    private Step next(InstanceStep step) {
        boolean inPlace = step.inPlace();
        return switch (step.reached()) {
            case QUEUED -> PRECHECK;
            case PRECHECK -> inPlace ? APPLYING : HOLD_ADDED;
            case HOLD_ADDED -> LATCHED;
            case LATCHED -> INSTANCE_DRAINED;
            case INSTANCE_DRAINED -> APPLYING;
            case APPLYING -> CONFIG_VERIFIED;
            case CONFIG_VERIFIED -> inPlace ? HEALTHY : UNDRAINED;
            case UNDRAINED -> HEALTHY;
            case HEALTHY -> inPlace ? IN_SERVICE : HOLD_REMOVED;
            case HOLD_REMOVED -> step.goal() == Goal.RELEASE ? DONE : IN_SERVICE;
            case IN_SERVICE -> spec.strategy().settle().isZero() ? DONE : SETTLED;
            case SETTLED -> DONE;
            case DONE, SKIPPED, COMPENSATED, QUARANTINED, LOST ->
                throw new IllegalStateException(step.backend() + " has already ended as " + step.reached());
        };
    }

    private InstanceStep exit(InstanceStep step) {
        return switch (step.goal()) {
            case UPDATE -> step.exit(DONE, null);
            case RESTORE -> step.exit(COMPENSATED, null);
            case RELEASE -> {
                Step exit = Objects.requireNonNull(step.exitAs(), "exitAs");
                yield exit == QUEUED ? step.queue(Goal.UPDATE, "put back, waits for its turn") : step.exit(exit, null);
            }
        };
    }

    private InstanceStep updateFailed(InstanceStep step, Failure failure) {
        if (failure.kind() == Failure.Kind.GONE) {
            return release(step, SKIPPED, "removed from the pool");
        }
        return switch (doing(step)) {
            case PRECHECK -> precheckFailed(step, failure);
            case HOLD_ADDED ->
                failure.kind() == Failure.Kind.FLOOR
                        ? step.queue(Goal.UPDATE, failure.detail())
                        : putBack(step, failure);
            case LATCHED -> putBack(step, failure);
            case INSTANCE_DRAINED ->
                failure.kind() == Failure.Kind.UNREACHABLE && spec.onUnreachable() == UnreachablePolicy.SKIP
                        ? release(step, SKIPPED, failure.detail())
                        : putBack(step, failure);
            case APPLYING ->
                failure.kind() == Failure.Kind.UNKNOWN_OUTCOME || failure.kind() == Failure.Kind.DEADLINE
                        ? toward(step, CONFIG_VERIFIED)
                        : putBack(step, failure);
            case CONFIG_VERIFIED -> notVerified(step, failure);
            case UNDRAINED, HEALTHY ->
                failure.kind() == Failure.Kind.UNREACHABLE
                        ? lost(step, failure)
                        : restore(blamed(step, failure), APPLYING);
            case HOLD_REMOVED -> stillHeld(step, failure);
            case IN_SERVICE, SETTLED -> restore(blamed(step, failure), HOLD_ADDED);
            case QUEUED, DONE, SKIPPED, COMPENSATED, QUARANTINED, LOST -> throw notWorking(step);
        };
    }

    private InstanceStep precheckFailed(InstanceStep step, Failure failure) {
        boolean harmless = failure.kind() == Failure.Kind.UNREACHABLE && spec.onUnreachable() == UnreachablePolicy.SKIP;
        return (harmless ? step : blamed(step, failure)).exit(SKIPPED, failure.detail());
    }

    private InstanceStep notVerified(InstanceStep step, Failure failure) {
        return switch (failure.kind()) {
            case UNREACHABLE -> lost(step, failure);
            case WRONG_CONFIGURATION -> {
                boolean unchanged = isBeforeImage(step, failure);
                if (unchanged && step.tries() < MAX_TRIES) {
                    yield toward(step, APPLYING);
                }
                yield unchanged ? putBack(step, failure) : restore(blamed(step, failure), APPLYING);
            }
            default -> restore(blamed(step, failure), APPLYING);
        };
    }

    private InstanceStep restoreFailed(InstanceStep step, Failure failure) {
        if (failure.kind() == Failure.Kind.GONE) {
            return release(step, SKIPPED, "removed from the pool");
        }
        return switch (doing(step)) {
            case PRECHECK ->
                failure.kind() == Failure.Kind.UNREACHABLE
                        ? lost(step, failure)
                        : blamed(step, failure).exit(SKIPPED, "left as it is");
            case HOLD_ADDED, LATCHED, INSTANCE_DRAINED -> notTakenOut(step, failure);
            case APPLYING ->
                failure.kind() == Failure.Kind.UNKNOWN_OUTCOME || failure.kind() == Failure.Kind.DEADLINE
                        ? toward(step, CONFIG_VERIFIED)
                        : quarantine(step, failure);
            case CONFIG_VERIFIED, UNDRAINED, HEALTHY -> {
                if (failure.kind() == Failure.Kind.UNREACHABLE) {
                    yield lost(step, failure);
                }
                boolean again = failure.kind() == Failure.Kind.WRONG_CONFIGURATION && step.tries() < MAX_TRIES;
                yield again ? toward(step, APPLYING) : quarantine(step, failure);
            }
            case HOLD_REMOVED -> stillHeld(step, failure);
            case IN_SERVICE, SETTLED -> quarantine(step, failure);
            case QUEUED, DONE, SKIPPED, COMPENSATED, QUARANTINED, LOST -> throw notWorking(step);
        };
    }

    /** A restore that could not take the instance out of service: one that had failed stays out, one that works goes on working. */
    private InstanceStep notTakenOut(InstanceStep step, Failure failure) {
        if (failure.kind() == Failure.Kind.FLOOR) {
            return step.queue(Goal.RESTORE, failure.detail());
        }
        if (step.failure() != null) {
            return quarantine(step, failure);
        }
        return release(blamed(step, failure), DONE, "could not be taken out to be put back");
    }

    private InstanceStep releaseFailed(InstanceStep step, Failure failure) {
        boolean gone = failure.kind() == Failure.Kind.GONE;
        if (doing(step) == UNDRAINED) {
            return gone ? toward(step, HOLD_REMOVED) : stillDrained(step, failure);
        }
        return gone ? exit(step) : stillHeld(step, failure);
    }

    /** It refuses traffic until its drain is taken away, so that it must not get any. */
    private static InstanceStep stillDrained(InstanceStep step, Failure failure) {
        boolean harmless = step.exitAs() == SKIPPED;
        return harmless ? step.exit(LOST, failure.detail()) : lost(step, failure);
    }

    /** A proxy that is away is no reason to give up an instance that may have its traffic back. */
    private InstanceStep stillHeld(InstanceStep step, Failure failure) {
        return failure.isSilence()
                ? toward(step.noted("the proxy is away, trying again: " + failure.detail()), HOLD_REMOVED)
                : quarantine(step, failure);
    }

    private InstanceStep putBack(InstanceStep step, Failure failure) {
        return release(blamed(step, failure), COMPENSATED, "put back unchanged");
    }

    private static InstanceStep quarantine(InstanceStep step, Failure failure) {
        return blamed(step, failure).exit(QUARANTINED, failure.detail());
    }

    private static InstanceStep lost(InstanceStep step, Failure failure) {
        return blamed(step, failure).exit(LOST, failure.detail());
    }

    private static InstanceStep blamed(InstanceStep step, Failure failure) {
        return step.failed(doing(step) + ": " + failure.detail());
    }

    private static boolean isBeforeImage(InstanceStep step, Failure failure) {
        return step.latest()
                .map(proofs -> proofs.precheck())
                .map(checked -> checked.preImage().hash().equals(failure.reportedHash()))
                .orElse(false);
    }

    private static Step doing(InstanceStep step) {
        Step doing = step.doing();
        if (doing == null) {
            throw notWorking(step);
        }
        return doing;
    }

    private static IllegalStateException notWorking(InstanceStep step) {
        return new IllegalStateException(step.backend() + " is not being worked on at " + step.reached());
    }
}
