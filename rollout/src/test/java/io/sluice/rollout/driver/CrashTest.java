package io.sluice.rollout.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine dies at every boundary, and the end is the same. */
class CrashTest {
    private static final int SEEDS = 150;

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void twoInstancesEndAsSpecifiedWhereverTheEngineDies(Scenario scenario) {
        Simulation whole = scenario.run(1, 2, List.of());
        scenario.assertEnd(whole, 1);
        int boundaries = whole.boundaries.size();
        assertThat(boundaries).isGreaterThan(50);
        for (long n = 1; n <= boundaries; n++) {
            Simulation simulation = scenario.run(1, 2, List.of(n));
            try {
                scenario.assertEnd(simulation, 1);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "died at boundary " + n + ", " + whole.boundaries.get((int) n - 1) + ": " + e.getMessage(), e);
            }
        }
    }

    static Stream<Long> seeds() {
        Long only = Long.getLong("seed");
        return only == null ? LongStream.range(0, SEEDS).boxed() : Stream.of(only);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void fiveInstancesEndAsSpecifiedWhenTheEngineDiesAgainAndAgain(long seed) {
        Random random = new Random(seed);
        List<Scenario> all = List.copyOf(EnumSet.allOf(Scenario.class));
        Scenario scenario = all.get(random.nextInt(all.size()));
        List<Long> deaths = new ArrayList<>();
        int lives = 1 + random.nextInt(4);
        for (int i = 0; i < lives; i++) {
            deaths.add(1L + random.nextInt(i == 0 ? 400 : 60));
        }
        scenario.assertEnd(scenario.run(seed, 5, deaths), 4);
    }
}
