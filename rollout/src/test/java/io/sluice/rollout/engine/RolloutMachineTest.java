package io.sluice.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.instance.api.ConfigType;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.Verb;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RolloutMachineTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final RolloutMachine MACHINE = new RolloutMachine(Duration.ofMinutes(15));

    @Test
    void startAsksEveryInstanceBeforeAnythingElse() {
        Decision decision = MACHINE.decide(pending(), new Event.Begun(), NOW);
        assertThat(decision.rollout().phase()).isEqualTo(Phase.VALIDATING);
        assertThat(decision.actions()).containsExactly(new Action.Examine());
    }

    @Test
    void poolAdmitsOldAndNewBeforeTheFirstInstanceIsTakenUp() {
        Decision decision = MACHINE.decide(validating(), examined(), NOW);
        assertThat(decision.actions()).containsExactly(new Action.Admit(List.of("old", "new")));
        assertThat(decision.rollout().steps()).allMatch(InstanceStep::isQueued);
    }

    @Test
    void batchIsTakenUpInThePoolsOrder() {
        Decision decision = MACHINE.decide(surveying(), new Event.Surveyed(pool(3)), NOW);
        assertThat(decision.rollout().step("webhook-1"))
                .map(InstanceStep::doing)
                .contains(Step.PRECHECK);
        assertThat(decision.actions()).hasSize(1);
    }

    @Test
    void answerToAnEarlierAttemptChangesNothing() {
        Rollout walking = walking();
        InstanceStep step = walking.steps().get(0);
        Event late = new Event.Achieved(step.backend(), step.attempt() - 1, prechecked());
        Decision decision = MACHINE.decide(walking, late, NOW);
        assertThat(decision.rollout()).isEqualTo(walking);
        assertThat(decision.actions()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Verb.class)
    void nothingLowersAnIntentToRollBack(Verb verb) {
        Rollout rollingBack = asked(walking(), Verb.ROLLBACK);
        assertThat(rollingBack.phase()).isEqualTo(Phase.ROLLING_BACK);
        assertThat(asked(rollingBack, verb).intent()).isEqualTo(Intent.ROLLBACK);
    }

    @ParameterizedTest
    @EnumSource(
            value = Verb.class,
            names = {"ABORT", "ROLLBACK"})
    void stoppingWinsInEveryPhaseThatIsNotOver(Verb verb) {
        Intent wanted = verb == Verb.ABORT ? Intent.ABORT : Intent.ROLLBACK;
        for (Rollout rollout : List.of(pending(), validating(), surveying(), walking(), asked(walking(), Verb.PAUSE))) {
            Rollout stopped = asked(rollout, verb);
            assertThat(stopped.intent()).as("%s", rollout.phase()).isEqualTo(wanted);
            assertThat(EnumSet.of(Phase.ABORTED, Phase.ROLLED_BACK, Phase.ABORTING, Phase.ROLLING_BACK))
                    .contains(stopped.phase());
        }
    }

    @Test
    void resumeLowersAPauseOnly() {
        Rollout paused = asked(surveying(), Verb.PAUSE);
        assertThat(paused.phase()).isEqualTo(Phase.PAUSED);
        Rollout resumed = asked(paused, Verb.RESUME);
        assertThat(resumed.intent()).isEqualTo(Intent.FORWARD);
        assertThat(resumed.phase()).isEqualTo(Phase.RUNNING);
    }

    @Test
    void abortBeforeTheHoldTouchesNothing() {
        Decision decision = MACHINE.decide(walking(), new Event.Asked(Verb.ABORT, "ana", ""), NOW);
        assertThat(decision.rollout().steps().get(0).reached()).isEqualTo(Step.SKIPPED);
        assertThat(decision.actions()).containsExactly(new Action.Survey());
    }

    @Test
    void instanceThatRunsTheTargetAlreadyHasNothingToGoBackTo() {
        StepMachine steps = new StepMachine(pending().spec(), surveying().requirePlan(), NOW);
        InstanceStep step = walking().steps().get(0).withPreImage(new PreImage("new", "w", "c", 1));
        assertThat(steps.restore(step, Step.APPLYING).reached()).isEqualTo(Step.QUARANTINED);
    }

    @Test
    void finishedRolloutIsDeafToEverything() {
        Rollout over = asked(pending(), Verb.ABORT);
        assertThat(over.isOver()).isTrue();
        assertThat(MACHINE.decide(over, new Event.Begun(), NOW).rollout()).isEqualTo(over);
    }

    private static Rollout pending() {
        RolloutRequest request =
                RolloutRequest.of("webhooks", ConfigType.WEBHOOKS, JsonNodeFactory.instance.objectNode());
        return new Rollout(
                "r-1", 1, 1, request.spec(), RolloutStatus.pending(NOW), null, List.of(), List.of(), List.of());
    }

    private static Rollout validating() {
        return MACHINE.decide(pending(), new Event.Begun(), NOW).rollout();
    }

    private static Rollout surveying() {
        Rollout admitting = MACHINE.decide(validating(), examined(), NOW).rollout();
        return MACHINE.decide(admitting, new Event.Admitted(), NOW).rollout();
    }

    private static Rollout walking() {
        return MACHINE.decide(surveying(), new Event.Surveyed(pool(3)), NOW).rollout();
    }

    private static Rollout asked(Rollout rollout, Verb verb) {
        return MACHINE.decide(rollout, new Event.Asked(verb, "ana", "because"), NOW)
                .rollout();
    }

    private static Event examined() {
        List<Examination> examinations = pool(3).backends().stream()
                .map(b -> new Examination(b.id(), "old", "new", List.of(), ""))
                .toList();
        return new Event.Examined(pool(3), examinations);
    }

    private static Proof prechecked() {
        return new Proof.Prechecked(new PreImage("old", "w", "c", 1), "healthy", List.of(), NOW);
    }

    static PoolView pool(int size) {
        List<BackendView> backends = new ArrayList<>();
        IntStream.rangeClosed(1, size)
                .mapToObj(i -> "webhook-" + i)
                .forEach(id -> backends.add(new BackendView(
                        id,
                        id + ":8000",
                        "http://" + id,
                        1,
                        1,
                        true,
                        List.of(),
                        0,
                        List.of(),
                        Health.UP,
                        null,
                        "old",
                        id,
                        0,
                        0,
                        0)));
        return new PoolView("webhooks", 1, "boot", 1, size - 1, size, List.of(), backends);
    }
}
