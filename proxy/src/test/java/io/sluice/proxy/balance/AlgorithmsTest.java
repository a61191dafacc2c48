package io.sluice.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every way of choosing has to keep, and what is particular to each. */
class AlgorithmsTest {
    private static final PoolLimits NONE = PoolLimits.NONE;

    /** Small pools are looked at as a whole, large ones are not. */
    static Stream<Arguments> algorithmsAndSizes() {
        return Stream.of(Algorithm.values())
                .flatMap(algorithm -> Stream.of(5, 200).map(size -> Arguments.of(algorithm, size)));
    }

    static Stream<Arguments> algorithmsAndSeeds() {
        Long given = Long.getLong("seed");
        long[] seeds = given == null ? new long[] {1, 2, 3, 4} : new long[] {given};
        return Stream.of(Algorithm.values())
                .flatMap(algorithm -> LongStream.of(seeds).mapToObj(seed -> Arguments.of(algorithm, seed)));
    }

    @ParameterizedTest
    @MethodSource("algorithmsAndSizes")
    void theHeldTheUnwellAndTheTriedAreLeftOut(Algorithm algorithm, int size) {
        try (PoolUnderTest p = new PoolUnderTest(algorithm.balancer(), PoolUnderTest.equal(size), NONE)) {
            p.hold("b0");
            p.health("b1", Health.DOWN);
            p.eject("b2");
            for (int i = 0; i < 3 * size; i++) {
                assertThat(p.chosen(i, p.backend("b3"))).isNotIn("b0", "b1", "b2", "b3");
            }
            p.release("b0");
            p.health("b1", Health.UP);
            p.pool.readmit(p.backend("b2"));
            assertThat(p.choices(size * 40)).containsKeys("b0", "b1", "b2", "b3");
        }
    }

    @ParameterizedTest
    @MethodSource("algorithmsAndSizes")
    void backupsServeOnlyWhileNobodyElseCan(Algorithm algorithm, int size) {
        List<BackendSettings> backends = new ArrayList<>(PoolUnderTest.equal(size));
        backends.add(1, PoolUnderTest.backup("spare"));
        try (PoolUnderTest p = new PoolUnderTest(algorithm.balancer(), backends, NONE)) {
            assertThat(p.choices(size * 20)).doesNotContainKey("spare").hasSize(size);
            for (int i = 1; i < size; i++) {
                p.health("b" + i, Health.DOWN);
            }
            assertThat(p.choices(20)).containsOnlyKeys("b0");
            assertThat(p.chosen(1, p.backend("b0"))).as("b0 was tried").isEqualTo("spare");
            p.health("b0", Health.DOWN);
            assertThat(p.choices(20)).containsOnlyKeys("spare");
            p.health("spare", Health.DOWN);
            assertThat(p.choices(size * 40))
                    .as("nobody is well")
                    .doesNotContainKey("spare")
                    .hasSize(size);
            p.health("b0", Health.UP);
            assertThat(p.choices(20)).containsOnlyKeys("b0");
        }
    }

    @ParameterizedTest
    @MethodSource("algorithmsAndSizes")
    void aFullBackendIsLeftOutUntilARequestEnds(Algorithm algorithm, int size) {
        PoolLimits two = new PoolLimits(2, 10, 0);
        try (PoolUnderTest p = new PoolUnderTest(algorithm.balancer(), PoolUnderTest.equal(size), two)) {
            Deque<Lease> all = new ArrayDeque<>();
            for (int i = 0; i < 2 * size; i++) {
                all.add(p.acquire());
            }
            assertThat(p.pool.snapshot().backends()).allMatch(backend -> backend.inFlight() == 2);
            assertThat(p.chosen(0)).isNull();
            assertThat(p.pool.snapshot().isPanicking()).as("full is not unwell").isFalse();
            Lease one = all.remove();
            one.close();
            assertThat(p.chosen(0)).isEqualTo(one.backend().id());
            all.forEach(Lease::close);
        }
    }

    @ParameterizedTest
    @MethodSource("algorithmsAndSizes")
    void belowThePanicThresholdHealthIsOverlookedForAll(Algorithm algorithm, int size) {
        PoolLimits half = new PoolLimits(null, 10, 50);
        try (PoolUnderTest p = new PoolUnderTest(algorithm.balancer(), PoolUnderTest.equal(size), half)) {
            int down = size - size / 2 - 1;
            for (int i = 0; i < down; i++) {
                p.health("b" + i, Health.DOWN);
            }
            assertThat(p.pool.snapshot().isPanicking()).isFalse();
            assertThat(p.choices(size * 30)).doesNotContainKey("b0").hasSize(size - down);
            p.health("b" + down, Health.DOWN);
            p.health("b" + (down + 1), Health.DOWN);
            assertThat(p.pool.snapshot().isPanicking()).isTrue();
            p.hold("b0");
            assertThat(p.choices(size * 30)).doesNotContainKey("b0").hasSize(size - 1);
        }
    }

    @ParameterizedTest
    @MethodSource("algorithmsAndSizes")
    void whatComesAndGoesIsFollowed(Algorithm algorithm, int size) {
        try (PoolUnderTest p = new PoolUnderTest(algorithm.balancer(), PoolUnderTest.equal(size), NONE)) {
            p.change(
                    new PoolChange.PutBackend("new", "127.0.0.1:8888", null, 1),
                    new PoolChange.RemoveBackend("b0", false));
            assertThat(p.choices(size * 30))
                    .containsKey("new")
                    .doesNotContainKey("b0")
                    .hasSize(size);
            p.change(new PoolChange.PutBackend("b1", "127.0.0.1:7777", null, 1, true, null));
            assertThat(p.choices(size * 30)).as("it is a backup now").doesNotContainKey("b1");
        }
    }

    /** Over many requests each gets what its weight says, whatever the algorithm: within a tenth, or what the hash ring promises. */
    @ParameterizedTest
    @EnumSource
    void weightsCount(Algorithm algorithm) {
        try (PoolUnderTest p = PoolUnderTest.of(algorithm.balancer(), 1, 2, 5)) {
            int requests = 40_000;
            Map<String, Integer> choices = p.choices(requests);
            // Of two choices the lightest of three is drawn more often than its weight says, since both draws differ.
            double tolerance = algorithm == Algorithm.RANDOM_TWO_CHOICES ? 0.12 : 0.03;
            assertThat(choices.getOrDefault("b0", 0) / (double) requests).isCloseTo(0.125, within(tolerance));
            assertThat(choices.getOrDefault("b1", 0) / (double) requests).isCloseTo(0.25, within(tolerance));
            assertThat(choices.getOrDefault("b2", 0) / (double) requests).isCloseTo(0.625, within(2 * tolerance));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEAST_CONNECTIONS", "ROUND_ROBIN", "RANDOM_TWO_CHOICES"})
    void aSlowStartCountsLikeASmallerWeight(Algorithm algorithm) {
        for (int size : new int[] {5, 200}) {
            try (PoolUnderTest p = new PoolUnderTest(algorithm.balancer(), PoolUnderTest.equal(size), NONE)) {
                p.pool.ramp(p.backend("b0"), 100);
                Map<String, Integer> choices = p.choices(size * 1_000);
                assertThat(choices.get("b0")).isBetween(50, 200);
                p.pool.ramp(p.backend("b0"), 1_000);
                assertThat(p.choices(size * 1_000).get("b0")).isBetween(800, 1_200);
            }
        }
    }

    @Test
    void roundRobinTakesTurnsSmoothlyWhateverRuns() {
        try (PoolUnderTest p = PoolUnderTest.of(new RoundRobin(), 5, 1, 1)) {
            String turns = Stream.generate(() -> p.acquire().backend().id().substring(1))
                    .limit(14)
                    .collect(Collectors.joining());
            assertThat(turns).isEqualTo("00102000010200");
            assertThat(Objects.requireNonNull(p.balanced.balancer().peek(p.pool.snapshot()))
                            .id())
                    .isEqualTo("b0");
        }
    }

    @Test
    void roundRobinOverManyIsExactInEachRound() {
        int[] weights = new int[100];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = 1 + i % 4;
        }
        try (PoolUnderTest p = PoolUnderTest.of(new RoundRobin(), weights)) {
            Map<String, Integer> choices = p.choices(250 * 8);
            for (int i = 0; i < weights.length; i++) {
                assertThat(choices.get("b" + i)).isEqualTo(weights[i] * 8);
            }
            for (int i = 3; i < weights.length; i += 4) {
                p.hold("b" + i);
            }
            Map<String, Integer> others = p.choices(150 * 8);
            assertThat(others.get("b2")).as("the greatest weight is held").isBetween(23, 26);
            assertThat(others.get("b0")).isBetween(7, 9);
        }
    }

    @Test
    void ofTwoChoicesTheLessLoadedWins() {
        try (PoolUnderTest p = PoolUnderTest.of(new RandomTwoChoices(), 1, 1)) {
            Lease busy = p.acquire();
            assertThat(p.choices(50)).doesNotContainKey(busy.backend().id());
        }
        try (PoolUnderTest p = new PoolUnderTest(new RandomTwoChoices(), PoolUnderTest.equal(20), NONE)) {
            for (int i = 0; i < 20_000; i++) {
                p.acquire();
            }
            long most = p.pool.snapshot().backends().stream()
                    .mapToLong(Backend::inFlight)
                    .max()
                    .orElseThrow();
            // With one choice the fullest of 20 would be near 1,080.
            assertThat(most).isLessThan(1_010);
        }
    }

    @Test
    void aKeyStaysWithItsBackendAndOnlyMovesWhenItHasTo() {
        int keys = 20_000;
        try (PoolUnderTest p = new PoolUnderTest(new ConsistentHash(), PoolUnderTest.equal(10), NONE)) {
            List<String> before = owners(p, keys);
            assertThat(owners(p, keys)).isEqualTo(before);

            p.hold("b3");
            List<String> held = owners(p, keys);
            for (int i = 0; i < keys; i++) {
                if (before.get(i).equals("b3")) {
                    assertThat(held.get(i)).isNotEqualTo("b3");
                } else {
                    assertThat(held.get(i))
                            .as("key %d had no reason to move", i)
                            .isEqualTo(before.get(i));
                }
            }
            assertThat(held.stream().distinct()).as("its keys go to all others").hasSize(9);
            p.release("b3");
            assertThat(owners(p, keys)).isEqualTo(before);

            p.change(new PoolChange.PutBackend("b10", "127.0.0.1:8888", null, 1));
            List<String> joined = owners(p, keys);
            int moved = 0;
            for (int i = 0; i < keys; i++) {
                if (!joined.get(i).equals(before.get(i))) {
                    assertThat(joined.get(i))
                            .as("keys move to the new one alone")
                            .isEqualTo("b10");
                    moved++;
                }
            }
            assertThat(moved / (double) keys).as("an eleventh moves").isBetween(0.06, 0.13);

            p.change(new PoolChange.RemoveBackend("b10", false));
            assertThat(owners(p, keys)).isEqualTo(before);
        }
    }

    private static List<String> owners(PoolUnderTest p, int keys) {
        return LongStream.range(0, keys)
                .mapToObj(key -> Objects.requireNonNull(p.chosen(HashKey.of("key-" + key))))
                .toList();
    }

    /** To change these is to send every client to another backend once. */
    @Test
    void theSameKeyHasTheSameBackendInEveryProcess() {
        try (PoolUnderTest p = new PoolUnderTest(new ConsistentHash(), PoolUnderTest.equal(5), NONE)) {
            assertThat(Stream.of("10.0.0.1", "10.0.0.2", "tenant-a", "ü")
                            .map(value -> p.chosen(HashKey.of(value)))
                            .toList())
                    .isEqualTo(List.of("b2", "b1", "b0", "b3"));
        }
    }

    @Test
    void whoIsPreferredGetsTheRequestWhileHeMay() {
        try (PoolUnderTest p = new PoolUnderTest(new LeastConnections(), PoolUnderTest.equal(3), NONE)) {
            for (int i = 0; i < 5; i++) {
                assertThat(preferring(p, "b2", new Tried())).isEqualTo("b2");
            }
            Tried tried = new Tried();
            tried.add(p.backend("b2"));
            assertThat(preferring(p, "b2", tried)).isNotEqualTo("b2");
            p.hold("b2");
            assertThat(preferring(p, "b2", new Tried())).isNotEqualTo("b2");
            assertThat(preferring(p, "nobody", new Tried())).isNotNull();
        }
    }

    private static String preferring(PoolUnderTest p, String id, Tried tried) {
        Lease lease = Objects.requireNonNull(p.balanced.acquire(tried, 0, id));
        return lease.backend().id();
    }

    /** Random changes and traffic; nobody who may not is ever chosen, and counts end at nothing. */
    @ParameterizedTest(name = "{0} seed={1}")
    @MethodSource("algorithmsAndSeeds")
    void theInvariantsHold(Algorithm algorithm, long seed) {
        Random random = new Random(seed);
        int size = random.nextBoolean() ? 6 : 90;
        PoolLimits limits = new PoolLimits(1 + random.nextInt(5), 10, 0);
        try (PoolUnderTest p = new PoolUnderTest(algorithm.balancer(), PoolUnderTest.equal(size), limits)) {
            Deque<Lease> open = new ArrayDeque<>();
            for (int i = 0; i < 3_000; i++) {
                String id = "b" + random.nextInt(size);
                switch (random.nextInt(40)) {
                    case 0 -> p.holdIfTheFloorAllows(id);
                    case 1, 2 -> p.release(id);
                    case 3 -> p.health(id, Health.DOWN);
                    case 4, 5 -> p.health(id, Health.UP);
                    case 6 -> p.pool.ramp(p.backend(id), 20 * (1 + random.nextInt(50)));
                    case 7 ->
                        p.change(new PoolChange.PutBackend(
                                id,
                                p.backend(id).address(),
                                null,
                                1 + random.nextInt(3),
                                random.nextInt(6) == 0,
                                null));
                    default -> send(p, random, open, limits);
                }
            }
            open.forEach(Lease::close);
            assertThat(p.pool.snapshot().backends()).allMatch(backend -> backend.inFlight() == 0);
        }
    }

    private static void send(PoolUnderTest p, Random random, Deque<Lease> open, PoolLimits limits) {
        boolean anyRoom =
                p.pool.snapshot().backends().stream().anyMatch(backend -> backend.isEligible() && !backend.isFull());
        boolean anyPrimary = p.pool.snapshot().backends().stream()
                .anyMatch(backend -> backend.isEligible() && !backend.isFull() && !backend.isBackup());
        Lease lease = p.balanced.acquire(new Tried(), random.nextLong());
        if (lease != null) {
            open.add(lease);
            Backend chosen = lease.backend();
            assertThat(chosen.isClosed()).isFalse();
            assertThat(chosen.inFlight()).isLessThanOrEqualTo(Objects.requireNonNull(limits.maxInFlight()));
            assertThat(!anyRoom || chosen.isEligible())
                    .as("nobody unwell while another is well")
                    .isTrue();
            assertThat(!anyPrimary || !chosen.isBackup())
                    .as("no backup while another is there")
                    .isTrue();
        }
        assertThat(lease != null || !anyRoom).as("somebody had room").isTrue();
        while (open.size() > random.nextInt(40)) {
            open.remove().close();
        }
    }
}
