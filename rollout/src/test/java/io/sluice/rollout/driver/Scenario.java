package io.sluice.rollout.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.Verb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A rollout with an end that is the same wherever, and how often, the engine dies on its way. */
enum Scenario {
    SUCCEEDS(FailurePolicy.HALT, Phase.SUCCEEDED),
    FAILS_AND_HALTS(FailurePolicy.HALT, Phase.HALTED),
    FAILS_AND_ROLLS_BACK(FailurePolicy.ROLLBACK, Phase.ROLLED_BACK),
    IS_ABORTED(FailurePolicy.HALT, Phase.ABORTED),
    IS_ROLLED_BACK(FailurePolicy.HALT, Phase.ROLLED_BACK);

    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /** So that a configuration that makes an instance sick is soon given up. */
    private static final Deadlines QUICK =
            Deadlines.of(null, null, Duration.ofMillis(500), Duration.ofSeconds(2), null);

    private final FailurePolicy policy;
    private final Phase end;

    Scenario(FailurePolicy policy, Phase end) {
        this.policy = policy;
        this.end = end;
    }

    /** Runs with an engine that dies at the given boundaries, each counted from its own start, and is started again. */
    Simulation run(long seed, int instances, List<Long> deaths) {
        Simulation simulation = new Simulation(seed, instances);
        if (this == FAILS_AND_HALTS || this == FAILS_AND_ROLLS_BACK) {
            simulation.instance(instances).sickenOn(Simulation.NEW_HASH);
        }
        RolloutRequest request = request();
        for (long death : deaths) {
            simulation.start(death);
            simulation.submit(request);
            simulation.time.runUntil(() -> !simulation.isAlive() || isDone(simulation), PATIENCE);
            if (simulation.isAlive()) {
                return simulation;
            }
            simulation.time.pass(Duration.ofMillis(new Random(death).nextInt(100)));
        }
        simulation.start(0);
        simulation.submit(request);
        simulation.time.runUntil(() -> isDone(simulation), PATIENCE);
        return simulation;
    }

    /** Also asks what the scenario's operator asks, at the first moment that is the right one. */
    private boolean isDone(Simulation simulation) {
        if (!simulation.isAlive()) {
            return true;
        }
        if (!simulation.hasNews()) {
            return false;
        }
        boolean moment = simulation.isDoing("webhook-2", Step.INSTANCE_DRAINED)
                || simulation.isDoing("webhook-2", Step.CONFIG_VERIFIED)
                || simulation.reaches("webhook-2", Step.DONE);
        Rollout rollout = simulation.engine().find("r-1").orElse(null);
        if (rollout != null && moment && rollout.status().conclusion() == null) {
            if (this == IS_ABORTED) {
                simulation.act(Verb.ABORT);
            } else if (this == IS_ROLLED_BACK) {
                simulation.act(Verb.ROLLBACK);
            }
        }
        return simulation.isOver();
    }

    void assertEnd(Simulation simulation, int floor) {
        Rollout rollout = simulation.finish();
        assertThat(rollout.phase()).as("phase of %s", rollout).isEqualTo(end);
        simulation.assertNobodyWasHurt(floor);
        List<String> hashes = simulation.hashes();
        switch (this) {
            case SUCCEEDS -> {
                assertThat(hashes).containsOnly(Simulation.NEW_HASH);
                assertThat(simulation.fleet.accepted()).containsExactly(Simulation.NEW_HASH);
            }
            case FAILS_AND_ROLLS_BACK, IS_ROLLED_BACK -> {
                assertThat(hashes).containsOnly(Simulation.OLD_HASH);
                assertThat(simulation.fleet.accepted()).containsExactly(Simulation.OLD_HASH);
            }
            case FAILS_AND_HALTS, IS_ABORTED -> {
                List<String> expected = new ArrayList<>(List.of(Simulation.OLD_HASH));
                if (hashes.contains(Simulation.NEW_HASH)) {
                    expected.add(Simulation.NEW_HASH);
                }
                assertThat(simulation.fleet.accepted()).containsExactlyInAnyOrderElementsOf(expected);
                assertThat(this == FAILS_AND_HALTS ? hashes.get(hashes.size() - 1) : Simulation.OLD_HASH)
                        .isEqualTo(Simulation.OLD_HASH);
            }
        }
        assertThat(simulation.fleet.backends())
                .allSatisfy(backend -> assertThat(backend.instance.changesWhileServing())
                        .as("changes of %s while it served", backend.id)
                        .isZero());
    }

    private RolloutRequest request() {
        return Requests.with(policy, QUICK);
    }
}
