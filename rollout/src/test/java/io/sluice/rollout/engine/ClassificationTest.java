package io.sluice.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.Step;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a restart makes of what it finds, row by row. */
class ClassificationTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final PreImage OLD = new PreImage("old", "w", "c", 1);
    private static final FleetPlan PLAN = new FleetPlan("new", List.of("old"), 1, false);
    private static final StepMachine STEPS = new StepMachine(
            RolloutRequest.of("webhooks", ConfigType.WEBHOOKS, JsonNodeFactory.instance.objectNode())
                    .spec(),
            PLAN,
            NOW);
    private static final Classification CLASSIFICATION = new Classification(PLAN, STEPS);

    @Test
    void heldAndUnchangedIsPutBackAndQueuedAgain() {
        InstanceStep step = after(applying(), seen(true, "old"), false);
        assertThat(step.goal()).isEqualTo(Goal.RELEASE);
        assertThat(step.exitAs()).isEqualTo(Step.QUEUED);
    }

    @Test
    void heldBeforeItsDrainWasBegunOnlyLosesItsHold() {
        assertThat(after(at(Step.LATCHED), seen(true, "old"), false).doing()).isEqualTo(Step.HOLD_REMOVED);
    }

    @Test
    void heldAndUpdatedIsVerified() {
        assertThat(after(applying(), seen(true, "new"), false).doing()).isEqualTo(Step.CONFIG_VERIFIED);
    }

    @Test
    void heldOnNeitherConfigurationAfterAChangeWasBegunIsRestored() {
        InstanceStep step = after(applying(), seen(true, "half"), false);
        assertThat(step.goal()).isEqualTo(Goal.RESTORE);
        assertThat(step.doing()).isEqualTo(Step.APPLYING);
        assertThat(step.failure()).isNotNull();
    }

    @Test
    void heldAndSilentAfterAChangeWasBegunIsLost() {
        assertThat(after(applying(), seen(true, null), false).reached()).isEqualTo(Step.LOST);
    }

    @Test
    void notHeldAndUpdatedIsConfirmed() {
        assertThat(after(applying(), seen(false, "new"), false).doing()).isEqualTo(Step.IN_SERVICE);
    }

    @Test
    void notHeldAndBackOnTheOldConfigurationAfterItWasVerifiedIsDrift() {
        InstanceStep verified = STEPS.achieved(
                STEPS.achieved(applying(), new Proof.Applied("old", "new", true, NOW)),
                new Proof.Verified("new", 2, NOW));
        after(verified, seen(false, "old"), true);
    }

    @Test
    void thirdConfigurationIsDriftAndIsNotOverwritten() {
        InstanceStep step = after(applying(), seen(false, "third"), true);
        assertThat(step.goal()).isEqualTo(Goal.RELEASE);
        InstanceStep done = STEPS.toward(applying(), Step.APPLYING).exit(Step.DONE, null);
        assertThat(after(done, seen(false, "third"), true)).isEqualTo(done);
    }

    @Test
    void changedBeforeWeBeganIsPutBackAsItIsAndIsDrift() {
        InstanceStep step = after(at(Step.INSTANCE_DRAINED), seen(true, "third"), true);
        assertThat(step.goal()).isEqualTo(Goal.RELEASE);
    }

    @Test
    void untouchedAndSilentWaitsForItsTurn() {
        assertThat(after(at(Step.PRECHECK), seen(false, null), false).goal()).isEqualTo(Goal.RELEASE);
    }

    @Test
    void restoreGoesOnWhereTheInstanceIs() {
        InstanceStep restoring = STEPS.restore(applying(), Step.APPLYING);
        assertThat(after(restoring, seen(true, "old"), false).doing()).isEqualTo(Step.CONFIG_VERIFIED);
        assertThat(after(restoring, seen(true, "new"), false).doing()).isEqualTo(Step.HOLD_ADDED);
        assertThat(after(restoring, seen(false, "old"), false).doing()).isEqualTo(Step.IN_SERVICE);
        assertThat(after(restoring, seen(true, null), false).reached()).isEqualTo(Step.LOST);
    }

    @Test
    void instanceThatLeftThePoolIsSkipped() {
        InstanceStep step = after(at(Step.LATCHED), new Observation("webhook-1", false, false, null, false), false);
        assertThat(step.exitAs()).isEqualTo(Step.SKIPPED);
    }

    private static Observation seen(boolean held, @Nullable String hash) {
        return new Observation("webhook-1", true, held, hash, hash != null);
    }

    private static InstanceStep after(InstanceStep step, Observation seen, boolean drifted) {
        Classification.Verdict verdict = CLASSIFICATION.of(step, seen);
        assertThat(verdict.drifted()).as(verdict.finding()).isEqualTo(drifted);
        return verdict.step();
    }

    private static InstanceStep applying() {
        return at(Step.APPLYING);
    }

    /** Walks until the step is worked towards. */
    private static InstanceStep at(Step doing) {
        InstanceStep step = STEPS.start(InstanceStep.queued("webhook-1", "http://a"), false);
        while (step.doing() != doing) {
            step = STEPS.achieved(step, proof(Objects.requireNonNull(step.doing())));
        }
        return step;
    }

    private static Proof proof(Step step) {
        return switch (step) {
            case PRECHECK -> new Proof.Prechecked(OLD, "healthy", List.of(), NOW);
            case HOLD_ADDED -> new Proof.Held("rollout:r-1", "d-1", 2, 0, "boot", NOW);
            case LATCHED -> new Proof.Latched("d-1", 2, NOW, NOW, 0, NOW);
            case INSTANCE_DRAINED -> new Proof.InstanceDrained(0, List.of(), NOW);
            default -> throw new IllegalArgumentException("no proof for " + step);
        };
    }
}
