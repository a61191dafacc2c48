package io.sluice.rollout.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.rollout.fake.FakeEngine;
import io.sluice.rollout.fake.Rollouts;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Step;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RolloutMetricsTest {
    private final FakeEngine engine = new FakeEngine();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final RolloutMetrics metrics = new RolloutMetrics(registry);

    @BeforeEach
    void observe() {
        metrics.observe(engine);
    }

    @Test
    void aRolloutRunsUntilItIsOverAndIsThenCountedByItsResult() {
        Rollout pending = engine.put(Rollouts.pending("r-1"));
        assertThat(registry.get("sluice.rollouts.running").gauge().value()).isOne();

        engine.put(pending.with(pending.status().to(Phase.HALTED, Stage.OVER, "failed", Rollouts.START)));

        assertThat(registry.get("sluice.rollouts.running").gauge().value()).isZero();
        assertThat(rollouts("halted")).isOne();
        assertThat(rollouts("succeeded")).isZero();
    }

    @Test
    void aStepTakesAsLongAsBetweenItsProofAndTheOneBefore() {
        Rollout pending = engine.put(Rollouts.pending("r-1"));

        engine.put(pending.withSteps(List.of(Rollouts.draining("a", Rollouts.START))), "a");

        assertThat(step("precheck").totalTime(TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(step("hold_added").totalTime(TimeUnit.SECONDS)).isEqualTo(2);
    }

    @Test
    void aProofIsCountedOnceHoweverOftenTheInstanceChanges() {
        Rollout pending = engine.put(Rollouts.pending("r-1"));
        InstanceStep draining = Rollouts.draining("a", Rollouts.START);
        engine.put(pending.withSteps(List.of(draining)), "a");
        engine.put(pending.withSteps(List.of(draining.failed("late"))), "a");
        Proof latched = new Proof.Latched("d-1", 7, Rollouts.START, Rollouts.START, 0, Rollouts.START.plusSeconds(9));
        engine.put(pending.withSteps(List.of(draining.failed("late").reached(Step.LATCHED, latched))), "a");

        assertThat(step("hold_added").count()).isOne();
        assertThat(step("latched").totalTime(TimeUnit.SECONDS)).isEqualTo(6);
        assertThat(registry.get("sluice.rollout.instance.failures").counter().count())
                .isOne();
    }

    @Test
    void catchingUpIsCountedByItsResult() {
        metrics.caughtUp(true);
        metrics.caughtUp(false);
        metrics.caughtUp(false);

        assertThat(registry.get("sluice.catch.ups")
                        .tag("result", "succeeded")
                        .counter()
                        .count())
                .isOne();
        assertThat(registry.get("sluice.catch.ups")
                        .tag("result", "failed")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    private double rollouts(String result) {
        return registry.get("sluice.rollouts").tag("result", result).counter().count();
    }

    private Timer step(String step) {
        return registry.get("sluice.rollout.step").tag("step", step).timer();
    }
}
