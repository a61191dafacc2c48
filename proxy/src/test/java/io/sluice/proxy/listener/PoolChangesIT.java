package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A pool that changes at random under constant load of requests that must not be repeated: every one of them is answered 200. */
class PoolChangesIT {
    private static final int BACKENDS = 5;
    private static final int CHANGES = 150;
    private static final int CLIENTS = 4;
    private static final String POST = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    private static final String LAST_POST =
            "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";

    private final Map<String, RawBackend> processes = new HashMap<>();
    private final List<Backend> everSeen = new ArrayList<>();

    static LongStream seeds() {
        Long given = Long.getLong("seed");
        return given == null ? new Random().longs(Integer.getInteger("seeds", 8)) : LongStream.of(given);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void noRequestFails(long seed) throws Exception {
        List<BackendSettings> initial = new ArrayList<>();
        for (int i = 1; i <= BACKENDS; i++) {
            initial.add(new BackendSettings("b" + i, startProcess("b" + i), null, 1));
        }
        Pools pools =
                Pools.open(List.of(PoolSettings.of("test", initial)), new MemoryPoolStore(), Clock.systemUTC(), "boot");
        BackendPool pool = pools.pool("test").orElseThrow();
        ConcurrentMap<Integer, Integer> statuses = new ConcurrentHashMap<>();
        AtomicBoolean over = new AtomicBoolean();
        try (TestProxy proxy = new TestProxy(pool, TestSettings.listener(), TestSettings.route())) {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                boolean keepAlive = i % 2 == 0;
                clients.add(CompletableFuture.runAsync(() -> load(proxy.port(), keepAlive, over, statuses)));
            }
            Waiting.until("load runs", () -> statuses.getOrDefault(200, 0) > 50);
            Random random = new Random(seed);
            for (int i = 0; i < CHANGES; i++) {
                changeAtRandom(pools, pool, random);
            }
            over.set(true);
            for (CompletableFuture<Void> client : clients) {
                client.join();
            }
            assertThat(proxy.failed()).isEmpty();
        } finally {
            pools.close();
            processes.values().forEach(RawBackend::close);
        }
        assertThat(statuses.keySet()).containsExactly(200);
        for (Backend backend : everSeen) {
            assertThat(backend.inFlight()).isZero();
            assertThat(backend.surplusReleases()).isZero();
        }
    }

    private String startProcess(String id) {
        RawBackend process = RawBackend.answering("ok");
        processes.put(id, process);
        return process.address();
    }

    private static void load(
            int port, boolean keepAlive, AtomicBoolean over, ConcurrentMap<Integer, Integer> statuses) {
        try {
            RawClient kept = new RawClient(port);
            while (!over.get()) {
                RawClient.Response response;
                if (keepAlive) {
                    kept.write(POST);
                    response = kept.read();
                } else {
                    response = RawClient.call(port, LAST_POST);
                }
                statuses.merge(response.status(), 1, Integer::sum);
            }
            kept.close();
        } catch (IOException e) {
            statuses.merge(-1, 1, Integer::sum);
            throw new UncheckedIOException(e);
        }
    }

    private void changeAtRandom(Pools pools, BackendPool pool, Random random) throws Exception {
        String id = "b" + (1 + random.nextInt(BACKENDS));
        Backend before = pool.snapshot().backend(id).orElse(null);
        if (before == null) {
            change(pools, new PoolChange.PutBackend(id, startProcess(id), null, 1));
            return;
        }
        everSeen.add(before);
        if (before.isClosed()) {
            // Whoever holds a backend restarts it before they let it go.
            Waiting.until("drained", () -> before.inFlight() == 0);
            process(id).dropConnections();
            change(pools, new PoolChange.RemoveHold(id, "test"));
        } else if (random.nextInt(3) == 0 && change(pools, new PoolChange.RemoveBackend(id, false))) {
            Waiting.until("drained", () -> before.inFlight() == 0);
            process(id).close();
        } else {
            change(pools, new PoolChange.PutHold(id, "test", "because", null));
        }
    }

    private RawBackend process(String id) {
        RawBackend process = processes.get(id);
        if (process == null) {
            throw new AssertionError(id + " never ran");
        }
        return process;
    }

    /** Returns whether it was made; the pool refuses what would leave it with too few. */
    private static boolean change(Pools pools, PoolChange change) throws InterruptedException {
        try {
            pools.change(new ChangeRequest("test", List.of(change), Precondition.NONE, "test", "test", null))
                    .get();
            return true;
        } catch (ExecutionException refused) {
            return false;
        }
    }
}
