package io.sluice.rollout.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.rollout.fake.Rollouts;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Step;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExplanationTest {
    private final Rollout pending = Rollouts.pending("r-1");

    @Test
    void ofSeveralInstancesTheOneWhoseDeadlineComesFirstIsNamed() {
        Rollout rollout = pending.withSteps(List.of(
                InstanceStep.queued("webhook-1", null),
                Rollouts.draining("webhook-2", Rollouts.START.plusSeconds(60)),
                Rollouts.draining("webhook-3", Rollouts.START.plusSeconds(50))));

        Explanation explanation = Explanation.of(rollout);

        assertThat(explanation.instance()).isEqualTo("webhook-3");
        assertThat(explanation.waitingFor()).isEqualTo("requests that the proxy has running on webhook-3 to end");
        assertThat(explanation.since()).isEqualTo(Rollouts.START.plusSeconds(3));
        assertThat(explanation.until()).isEqualTo(Rollouts.START.plusSeconds(50));
    }

    @Test
    void withoutAnInstanceInWorkTheRolloutItselfSaysWhatItWaitsFor() {
        Rollout rollout =
                pending.with(pending.status().paused(PauseReason.USER, "paused by ana", Rollouts.START.plusSeconds(9)));

        Explanation explanation = Explanation.of(rollout);

        assertThat(explanation.waitingFor()).isEqualTo("paused by ana");
        assertThat(explanation.instance()).isNull();
        assertThat(explanation.since()).isEqualTo(Rollouts.START.plusSeconds(9));
        assertThat(explanation.until()).isNull();
    }

    @Test
    void whatIsOverWaitsForNothing() {
        Rollout rollout = pending.with(
                        pending.status().to(Phase.HALTED, Stage.OVER, "webhook-2 failed", Rollouts.START))
                .withSteps(List.of(Rollouts.draining("webhook-2", Rollouts.START)));

        Explanation explanation = Explanation.of(rollout);

        assertThat(explanation.finished()).isTrue();
        assertThat(explanation.instance()).isNull();
        assertThat(explanation.waitingFor()).isEqualTo("webhook-2 failed");
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void everyStepHasASentenceWithTheInstance(Step doing) {
        InstanceStep step = Rollouts.draining("webhook-2", Rollouts.START).toward(doing, Rollouts.START);

        assertThat(Explanation.of(pending.withSteps(List.of(step))).waitingFor())
                .contains("webhook-2");
    }
}
