package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolChange;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random changes and traffic from many threads at once; what must hold whatever the order. */
class PoolsPropertyTest {
    private static final int CHANGES_PER_THREAD = 150;

    static LongStream seeds() {
        Long given = Long.getLong("seed");
        return given == null ? LongStream.range(1, 13) : LongStream.of(given);
    }

    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final Map<Backend, AtomicLong> mine = new ConcurrentHashMap<>();
    private final Map<String, DrainOperation> ended = new ConcurrentHashMap<>();

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void theInvariantsHold(long seed) throws Exception {
        PoolFixture f = new PoolFixture(6);
        f.pools.addListener(new Watch());
        CountDownLatch done = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(6);
        List<Future<?>> traffic = new ArrayList<>();
        List<Future<?>> control = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Random random = new Random(seed * 31 + i);
            traffic.add(threads.submit(() -> sendUntil(done, f, random)));
        }
        for (int i = 0; i < 3; i++) {
            Random random = new Random(seed * 37 + i);
            String author = "author-" + i;
            control.add(threads.submit(() -> changeAtRandom(f, random, author)));
        }
        for (Future<?> each : control) {
            each.get(60, TimeUnit.SECONDS);
        }
        done.countDown();
        for (Future<?> each : traffic) {
            each.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertThat(violations).isEmpty();
        countsAreExact();
        everyDrainEndedOnce(f);
        theJournalSaysTheSame(f);
        f.close();
    }

    /** Revisions rise by one; a change never lowers the eligible ones below the floor. */
    private final class Watch implements PoolChangeListener {
        @Override
        public void poolChanged(BackendPool pool, PoolSnapshot before, PoolSnapshot now) {
            if (now.revision() != before.revision() + 1) {
                violations.add("revision went from " + before.revision() + " to " + now.revision());
            }
            long heldNow = unheld(now);
            if (heldNow < unheld(before) && heldNow < now.minInService()) {
                violations.add("floor " + now.minInService() + " broken at revision " + now.revision());
            }
        }

        /** Nothing is ever down in this test but for what its own thread reports, so holds decide. */
        private long unheld(PoolSnapshot snapshot) {
            return snapshot.state().backends().stream()
                    .filter(backend -> !backend.isHeld())
                    .count();
        }

        @Override
        public void drainEnded(BackendPool pool, DrainOperation drain) {
            if (ended.put(drain.id(), drain) != null) {
                violations.add(drain.id() + " ended twice");
            }
        }
    }

    private void sendUntil(CountDownLatch done, PoolFixture f, Random random) {
        Deque<Lease> open = new ArrayDeque<>();
        while (done.getCount() > 0) {
            List<Backend> backends = f.now().backends();
            Backend backend = backends.get(random.nextInt(backends.size()));
            Lease lease = TestLease.of(backend);
            if (lease != null) {
                count(backend, 1);
                open.add(lease);
            }
            if (open.size() > 4 || (lease == null && !open.isEmpty())) {
                Lease oldest = open.remove();
                count(oldest.backend(), -1);
                oldest.close();
            }
        }
        open.forEach(lease -> {
            count(lease.backend(), -1);
            lease.close();
        });
    }

    private void count(Backend backend, long by) {
        mine.computeIfAbsent(backend, b -> new AtomicLong()).addAndGet(by);
    }

    private void changeAtRandom(PoolFixture f, Random random, String author) {
        for (int i = 0; i < CHANGES_PER_THREAD; i++) {
            List<PoolChange> changes = new ArrayList<>();
            for (int n = 0; n <= random.nextInt(3); n++) {
                changes.add(anyChange(random));
            }
            PoolSnapshot before = f.now();
            try {
                ChangeResult result =
                        f.change(author, null, precondition(random, before), changes.toArray(PoolChange[]::new));
                result.drains().forEach(drain -> checkDrain(f, drain));
            } catch (ChangeRefusedException expected) {
                if (expected.refusal() == Refusal.OUTCOME_UNKNOWN
                        || expected.refusal() == Refusal.JOURNAL_UNAVAILABLE) {
                    violations.add(expected.toString());
                }
            }
            if (random.nextInt(10) == 0) {
                List<Backend> backends = f.now().backends();
                Backend any = backends.get(random.nextInt(backends.size()));
                f.pool()
                        .report(
                                any,
                                new ProbeReport(true, Health.UP, "hash-" + random.nextInt(2), null, "200"),
                                any.doubts());
            }
        }
    }

    private static Precondition precondition(Random random, PoolSnapshot seen) {
        return random.nextInt(4) == 0 ? Precondition.atRevision(seen.revision()) : Precondition.NONE;
    }

    private static PoolChange anyChange(Random random) {
        String id = "b" + (1 + random.nextInt(8));
        String hold = "hold-" + random.nextInt(3);
        return switch (random.nextInt(8)) {
            case 0 ->
                new PoolChange.PutBackend(id, "127.0.0.1:" + (8000 + random.nextInt(20)), null, 1 + random.nextInt(9));
            case 1 -> new PoolChange.RemoveBackend(id, random.nextBoolean());
            case 2 -> new PoolChange.SetMinInService(1 + random.nextInt(4));
            case 3, 4, 5 -> new PoolChange.PutHold(id, hold, "random", Duration.ofSeconds(30));
            default -> new PoolChange.RemoveHold(id, hold);
        };
    }

    /** Once a drain is told to be over, nothing of that incarnation runs while the hold stands. */
    private void checkDrain(PoolFixture f, DrainOperation drain) {
        DrainOperation now = f.pools.drain(drain.id()).orElseThrow();
        if (now.state() == DrainState.DRAINED && drain.state() == DrainState.DRAINED && drain.inFlight() != 0) {
            violations.add(drain + " drained with requests");
        }
    }

    private void countsAreExact() {
        mine.forEach((backend, count) -> {
            assertThat(count.get()).isZero();
            assertThat(backend.inFlight()).as(backend.toString()).isZero();
            assertThat(backend.surplusReleases()).isZero();
        });
    }

    private void everyDrainEndedOnce(PoolFixture f) {
        Map<String, DrainState> states = new HashMap<>();
        ended.forEach((id, drain) -> states.put(id, drain.state()));
        for (BackendState backend : f.now().state().backends()) {
            for (BackendState.Hold hold : backend.holds()) {
                CompletableFuture<Void> end = f.pools.drainEnded(hold.operation());
                PoolFixture.settle(end);
                assertThat(f.pools.drain(hold.operation()).orElseThrow().state())
                        .isEqualTo(DrainState.DRAINED);
            }
        }
        assertThat(states.values()).isNotEmpty().isSubsetOf(DrainState.DRAINED, DrainState.CANCELLED);
    }

    private static void theJournalSaysTheSame(PoolFixture f) {
        PoolState live = f.now().state();
        f.restart();
        PoolState replayed = f.now().state();
        assertThat(replayed.backends()).containsExactlyInAnyOrderElementsOf(live.backends());
        assertThat(replayed.retired()).isEqualTo(live.retired());
        assertThat(replayed.revision()).isEqualTo(live.revision());
        assertThat(replayed.minInService()).isEqualTo(live.minInService());
        assertThat(replayed.acceptedConfiguration()).isEqualTo(live.acceptedConfiguration());
        f.now()
                .backends()
                .forEach(backend -> assertThat(backend.isClosed())
                        .isEqualTo(!f.now().holds(backend.id()).isEmpty()));
    }
}
