package io.sluice.rollout.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.Verb;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever goes wrong (answers get lost, instances fail, the proxy is away, operators change their minds, the engine dies), nobody is
 * hurt, the rollout comes to rest, and whoever is left out has a reason.
 */
class FaultPropertyTest {
    private static final int SEEDS = 100;
    private static final Deadlines QUICK = Deadlines.of(
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(10));

    static Stream<Long> seeds() {
        Long only = Long.getLong("seed");
        return only == null ? LongStream.range(0, SEEDS).boxed() : Stream.of(only);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void nobodyIsHurtAndTheRolloutComesToRest(long seed) {
        Random random = new Random(seed);
        Simulation simulation = new Simulation(seed, 2 + random.nextInt(4));
        int instances = simulation.fleet.backends().size();
        simulation.fleet.loseAnswers(random.nextInt(4) * 0.05);
        if (random.nextInt(3) == 0) {
            simulation.instance(1 + random.nextInt(instances)).sickenOn(Simulation.NEW_HASH);
        }
        List<FailurePolicy> policies = List.copyOf(EnumSet.allOf(FailurePolicy.class));
        FailurePolicy policy = policies.get(random.nextInt(policies.size()));
        for (int life = 0; life < 6 && !isAtRest(simulation); life++) {
            simulation.start(random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(120));
            simulation.submit(Requests.with(policy, QUICK));
            disturb(simulation, random);
        }
        simulation.fleet.loseAnswers(0);
        simulation.fleet.proxyAway(false);
        simulation.start(0);
        simulation.submit(Requests.with(policy, QUICK));
        settle(simulation);
        simulation.assertNobodyWasHurt(Math.max(1, instances - 1));
    }

    private static void disturb(Simulation simulation, Random random) {
        for (int i = 0; i < 4; i++) {
            int choice = random.nextInt(8);
            if (choice == 0) {
                simulation.fleet.proxyAway(true);
            } else if (choice == 1) {
                simulation.fleet.proxyAway(false);
            } else if (choice < 4 && simulation.isAlive()) {
                List<Verb> verbs = List.copyOf(EnumSet.allOf(Verb.class));
                simulation.act(verbs.get(random.nextInt(verbs.size())));
            }
            simulation.time.pass(Duration.ofMillis(random.nextInt(300)));
        }
        simulation.kill();
    }

    /** A paused rollout is resumed, and one that needs attention is acknowledged, as an operator would. */
    private static void settle(Simulation simulation) {
        for (int i = 0; i < 20; i++) {
            boolean rested = simulation.time.runUntil(() -> isAtRest(simulation), Simulation.LIMIT);
            assertThat(rested).as("rests: %s", simulation.engine().list()).isTrue();
            Rollout rollout = simulation.rollout();
            if (rollout.isOver()) {
                return;
            }
            Verb verb = rollout.phase() == Phase.PAUSED ? Verb.RESUME : Verb.ABORT;
            simulation.engine().act("r-1", verb, new RolloutEngine.Ask("ana", "settle"));
            simulation.time.pass(Duration.ofMillis(50));
        }
        assertThat(simulation.rollout().steps()).as("never over").noneMatch(step -> step.reached() == Step.QUEUED);
    }

    private static boolean isAtRest(Simulation simulation) {
        if (simulation.engineOrNull() == null) {
            return false;
        }
        return simulation
                .engine()
                .find("r-1")
                .filter(r -> r.isOver()
                        || r.phase() == Phase.NEEDS_ATTENTION
                        || (r.phase() == Phase.PAUSED && r.status().wakeAt() == null))
                .isPresent();
    }
}
