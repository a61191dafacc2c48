package io.sluice.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.route.RateLimit;
import io.sluice.proxy.route.RateLimitZone;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimiterTest {
    private static final long ALICE = 0x1234_5678_9abc_def1L;
    private static final long BOB = 0x2234_5678_9abc_def2L;

    private static RateLimiter zone(String name, long perSecond, int keys) {
        return new RateLimiter(
                new RateLimitZone(name, RateLimitZone.Key.CLIENT_IP, "", perSecond * RateLimiter.THOUSANDTHS, keys));
    }

    private static RouteLimits limits(RateLimiter zone, int burst, int delay) {
        RateLimitZone settings = new RateLimitZone(zone.name(), RateLimitZone.Key.CLIENT_IP, "", 10_000, 1000);
        return new RouteLimits(List.of(new RateLimit(settings, burst, delay)), List.of(zone));
    }

    private static long[] key(long key) {
        return new long[] {key};
    }

    @Test
    void withoutBurstOneRequestAnInterval() {
        RouteLimits limits = limits(zone("z", 10, 1000), 0, 0);
        assertThat(limits.tryPass(key(ALICE), 0)).isZero();
        assertThat(limits.tryPass(key(ALICE), 40)).isEqualTo(-60);
        assertThat(limits.tryPass(key(ALICE), 99)).isEqualTo(-1);
        assertThat(limits.tryPass(key(ALICE), 100)).isZero();
        assertThat(limits.tryPass(key(BOB), 100)).isZero();
    }

    @Test
    void refusedRequestsDoNotCount() {
        RouteLimits limits = limits(zone("z", 10, 1000), 1, 1);
        assertThat(limits.tryPass(key(ALICE), 0)).isZero();
        assertThat(limits.tryPass(key(ALICE), 0)).isZero();
        for (int i = 0; i < 100; i++) {
            assertThat(limits.tryPass(key(ALICE), 0)).isNegative();
        }
        assertThat(limits.tryPass(key(ALICE), 100)).isZero();
    }

    @Test
    void whatIsBeyondTheDelayWaitsForItsTime() {
        RouteLimits limits = limits(zone("z", 10, 1000), 4, 2);
        assertThat(limits.tryPass(key(ALICE), 0)).isZero();
        assertThat(limits.tryPass(key(ALICE), 0)).isZero();
        assertThat(limits.tryPass(key(ALICE), 0)).isZero();
        assertThat(limits.tryPass(key(ALICE), 0)).isEqualTo(100);
        assertThat(limits.tryPass(key(ALICE), 0)).isEqualTo(200);
        assertThat(limits.tryPass(key(ALICE), 0)).isEqualTo(-100);
    }

    @Test
    void whatOneZoneRefusesCountsInNone() {
        RateLimiter wide = zone("wide", 10, 1000);
        RateLimiter narrow = zone("narrow", 1, 1000);
        RateLimitZone settings = new RateLimitZone("x", RateLimitZone.Key.CLIENT_IP, "", 10_000, 1000);
        RouteLimits both = new RouteLimits(
                List.of(new RateLimit(settings, 5, 5), new RateLimit(settings, 0, 0)), List.of(wide, narrow));
        assertThat(both.tryPass(new long[] {ALICE, BOB}, 0)).isZero();
        assertThat(both.tryPass(new long[] {ALICE, BOB}, 0)).isEqualTo(-1000);
        assertThat(wide.excess(ALICE, 0)).isEqualTo(1000);
        assertThat(narrow.refused()).isEqualTo(1);
        assertThat(wide.refused()).isZero();
    }

    @Test
    void aLimitThatDoesNotConcernARequestLetsItPass() {
        RouteLimits limits = limits(zone("z", 1, 1000), 0, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(limits.tryPass(key(0), 0)).isZero();
        }
    }

    @Test
    void aFullTableForgetsWhoeverWasSilentLongest() {
        RateLimiter zone = zone("z", 1, 8);
        for (int i = 1; i <= 8; i++) {
            zone.charge(i, i, 0);
        }
        assertThat(zone.forgotten()).isZero();
        zone.charge(9, 9, 0);
        assertThat(zone.forgotten()).isEqualTo(1);
        assertThat(zone.excess(1, 9)).isZero();
        assertThat(zone.excess(2, 9)).isEqualTo(993);
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void agreesWithAPlainLeakyBucket(long seed) {
        Random random = new Random(Long.getLong("seed", seed));
        int perSecond = 1 + random.nextInt(50);
        int burst = random.nextInt(10);
        RouteLimits limits = limits(zone("z", perSecond, 1000), burst, burst);
        long excess = -1;
        long last = 0;
        long now = 0;
        for (int i = 0; i < 2000; i++) {
            now += random.nextInt(40);
            long next = excess < 0 ? 0 : Math.max(0, excess - perSecond * (now - last) + 1000);
            boolean passes = next <= burst * 1000L;
            assertThat(limits.tryPass(key(ALICE), now) >= 0).as("request %d", i).isEqualTo(passes);
            if (passes) {
                excess = next;
                last = now;
            }
        }
    }

    @Test
    void countsExactlyWhenManyThreadsAsk() throws InterruptedException {
        RouteLimits limits = limits(zone("z", 1, 1000), 500, 500);
        AtomicInteger passed = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(4);
        for (int t = 0; t < 4; t++) {
            new Thread(() -> {
                        for (int i = 0; i < 1000; i++) {
                            if (limits.tryPass(key(ALICE), 0) >= 0) {
                                passed.incrementAndGet();
                            }
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        assertThat(passed).hasValue(501);
    }

    @Test
    void hashesTellTextsApart() {
        KeyHash hash = new KeyHash(new SecureRandom());
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            seen.add(hash.of("10.0." + i / 256 + "." + i % 256));
        }
        assertThat(seen).hasSize(100_000).doesNotContain(0L);
        assertThat(hash.of("abc")).isEqualTo(hash.of("abc")).isNotEqualTo(hash.of("abc\0"));
    }
}
