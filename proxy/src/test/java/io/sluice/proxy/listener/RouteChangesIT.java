package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.ProxyProgram;
import io.sluice.proxy.ProxySettings;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.Document;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.pool.Refusal;
import io.sluice.proxy.pool.StructureChange;
import io.sluice.proxy.pool.StructureRequest;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Routes and pools that change at random under constant load of requests that must not be repeated: every request for a place that has a route all
 * the time is answered 200.
 */
class RouteChangesIT {
    private static final int CHANGES = 200;
    private static final int CLIENTS = 4;
    private static final int PLACES = 3;
    private static final int PROCESSES = 4;
    private static final List<String> BALANCES = List.of("least-connections", "round-robin", "random-two-choices");

    @TempDir
    private Path folder;

    private final List<RawBackend> processes = new ArrayList<>();
    private final Set<Backend> everSeen = new HashSet<>();

    static LongStream seeds() {
        Long given = Long.getLong("seed");
        return given == null ? new Random().longs(Integer.getInteger("seeds", 2)) : LongStream.of(given);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void noRequestFails(long seed) throws Exception {
        for (int i = 0; i < PROCESSES; i++) {
            processes.add(RawBackend.answering("ok"));
        }
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        ProxyProgram proxy = new ProxyProgram(vertx, settings(), Clock.systemUTC(), System::nanoTime);
        Waiting.on(proxy.start());
        Pools pools = proxy.pools();
        ConcurrentMap<Integer, Integer> statuses = new ConcurrentHashMap<>();
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            boolean keepAlive = i % 2 == 0;
            clients.add(CompletableFuture.runAsync(() -> load(proxy.trafficPort(), keepAlive, over, statuses)));
        }
        Waiting.until("load runs", () -> statuses.getOrDefault(200, 0) > 50);
        Random random = new Random(seed);
        int made = 0;
        for (int i = 0; i < CHANGES; i++) {
            made += changeAtRandom(pools, random) ? 1 : 0;
            pools.all().forEach(pool -> everSeen.addAll(pool.snapshot().backends()));
        }
        over.set(true);
        for (CompletableFuture<Void> client : clients) {
            client.join();
        }
        assertThat(made).isGreaterThan(CHANGES / 4);
        Waiting.on(proxy.stop());
        Waiting.on(vertx.close());
        processes.forEach(RawBackend::close);
        assertThat(statuses.keySet()).containsExactly(200);
        for (Backend backend : everSeen) {
            assertThat(backend.inFlight()).as(backend.toString()).isZero();
            assertThat(backend.surplusReleases()).as(backend.toString()).isZero();
        }
    }

    private ProxySettings settings() throws IOException {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i < PLACES; i++) {
            routes.append("  - { name: r")
                    .append(i)
                    .append(", path: /p")
                    .append(i)
                    .append("/, pool: p0 }\n");
        }
        Path file = folder.resolve("proxy.yaml");
        Files.writeString(
                file,
                """
                listener: { host: 127.0.0.1, port: 0, lame-duck: 0s }
                admin: { host: 127.0.0.1, port: 0, token: secret }
                data: %s
                access-log: { on: false }
                pools:
                  p0:
                    backends: { b: { address: "%s" } }
                routes:
                """.formatted(
                                        folder.resolve("data-" + System.identityHashCode(this)),
                                        processes.get(0).address())
                        + routes);
        return ProxySettings.read(file, Map.of());
    }

    private static void load(
            int port, boolean keepAlive, AtomicBoolean over, ConcurrentMap<Integer, Integer> statuses) {
        try {
            RawClient kept = new RawClient(port);
            for (int i = 0; !over.get(); i++) {
                String post = "POST /p" + i % PLACES + "/x HTTP/1.1\r\nHost: h\r\n"
                        + (keepAlive ? "" : "Connection: close\r\n") + "Content-Length: 5\r\n\r\nhello";
                RawClient.Response response;
                if (keepAlive) {
                    kept.write(post);
                    response = kept.read();
                } else {
                    response = RawClient.call(port, post);
                }
                statuses.merge(response.status(), 1, Integer::sum);
            }
            kept.close();
        } catch (IOException e) {
            statuses.merge(-1, 1, Integer::sum);
            throw new UncheckedIOException(e);
        }
    }

    private boolean changeAtRandom(Pools pools, Random random) throws Exception {
        String pool = "p" + random.nextInt(PROCESSES);
        return switch (random.nextInt(6)) {
            case 0, 1 ->
                change(pools, new StructureChange.PutPool(pool, poolDocument(random))) && isInService(pools, pool);
            case 2 -> change(pools, new StructureChange.RemovePool(pool, false));
            case 3 -> change(pools, reordered(pools, random));
            default ->
                pools.pool(pool).isPresent() && change(pools, routeTo(pool, "r" + random.nextInt(PLACES), random));
        };
    }

    /** Whoever sends traffic to a new pool waits for its first check before. */
    private static boolean isInService(Pools pools, String pool) {
        Waiting.until(
                pool + " is in service",
                () -> pools.pool(pool).orElseThrow().snapshot().inService() > 0);
        return true;
    }

    private ObjectNode poolDocument(Random random) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("balance", BALANCES.get(random.nextInt(BALANCES.size())));
        if (random.nextBoolean()) {
            document.putObject("health").put("path", "/").put("interval", "1s");
        }
        if (random.nextInt(3) == 0) {
            document.putObject("slow-start").put("window", "1s");
        }
        // One that stays, as nobody drains what a put takes away, and perhaps one more.
        ObjectNode backends = document.putObject("backends");
        backends.putObject("b").put("address", processes.get(0).address());
        if (random.nextBoolean()) {
            int other = 1 + random.nextInt(PROCESSES - 1);
            backends.putObject("c" + other).put("address", processes.get(other).address());
        }
        return document;
    }

    private static StructureChange routeTo(String pool, String name, Random random) {
        ObjectNode route = JsonNodeFactory.instance.objectNode();
        route.put("name", name).put("path", "/p" + name.substring(1) + "/").put("pool", pool);
        if (random.nextBoolean()) {
            route.putObject("request-headers").putObject("set").put("X-Route", name);
        }
        if (random.nextBoolean()) {
            route.putObject("compression").put("on", true);
        }
        return new StructureChange.PutRoute(name, route);
    }

    private static StructureChange reordered(Pools pools, Random random) {
        List<Document> routes = new ArrayList<>(pools.routes().routes());
        Collections.shuffle(routes, random);
        return new StructureChange.ReplaceRoutes(routes, null);
    }

    /** Returns whether it was made: not a pool that is in use, or is not there. */
    private static boolean change(Pools pools, StructureChange change) throws InterruptedException {
        try {
            pools.change(new StructureRequest(change, Precondition.NONE, "test", "test", null, false))
                    .get();
            return true;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ChangeRefusedException refused
                    && Set.of(Refusal.IN_USE, Refusal.UNKNOWN_POOL, Refusal.FLOOR_WOULD_BREAK)
                            .contains(refused.refusal())) {
                return false;
            }
            throw new AssertionError("refused: " + change, failed.getCause());
        }
    }
}
