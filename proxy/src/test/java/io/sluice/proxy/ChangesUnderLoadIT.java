package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.listener.RawBackend;
import io.sluice.proxy.listener.Waiting;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that can change at run time changes over HTTP, and by the file at the same time, while clients ask for what must not be repeated. A
 * backend whose drain is over is as good as stopped: it answers 500 and closes its connections.
 */
class ChangesUnderLoadIT {
    private static final int RELOADS = 6;
    /** Each is seven calls. */
    private static final int CHANGES_WITHIN = 4;

    private static final String ROUTED = "/hook/x";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, RawBackend> backends = new LinkedHashMap<>();
    private final Map<String, Long> revisions = new HashMap<>();
    private final SplittableRandom random =
            new SplittableRandom(Long.getLong("seed", new SplittableRandom().nextLong()));

    @AfterEach
    void stop() {
        Waiting.on(vertx.close());
        backends.values().forEach(RawBackend::close);
    }

    @Test
    void noRequestFailsWhileBackendsRoutesAndPoolsChange() throws Exception {
        for (String id : List.of("a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2")) {
            backends.put(id, RawBackend.answering(id));
        }
        FileProxy proxy = new FileProxy(vertx, folder);
        write(proxy, 0);
        proxy.start();
        try (SteadyClients load = SteadyClients.pausing(proxy.trafficPort(), ROUTED)) {
            load.awaitMore(50);
            for (int i = 0; i < RELOADS; i++) {
                int version = i + 1;
                CompletableFuture<Void> reloading = CompletableFuture.runAsync(() -> reload(proxy, version));
                for (int j = 0; j < CHANGES_WITHIN; j++) {
                    changeOneBackend(proxy, random.nextBoolean() ? "a" : "b");
                }
                reloading.get();
            }
            load.awaitMore(50);
            assertThat(load.stop()).as("failures of requests").isEmpty();
        }
        proxy.stop();
    }

    /** Pool {@code c} comes and goes, the route leads elsewhere each time, and settings of {@code a} and of a backend of {@code b} change. */
    private void write(FileProxy proxy, int version) {
        boolean withC = version % 3 == 1;
        proxy.write("""
                pools:
                  a:
                    balance: %s
                    drain-timeout: %ds
                    backends: { a1: %s, a2: %s, a3: %s }
                  b:
                    backends: { b1: %s, b2: %s, b3: { address: "%s", weight: %d } }
                %s
                routes:
                  - { name: main, path: /hook/, pool: %s }
                %s
                """.formatted(
                        version % 2 == 0 ? "least-connections" : "round-robin",
                        20 + version,
                        entry("a1"),
                        entry("a2"),
                        entry("a3"),
                        entry("b1"),
                        entry("b2"),
                        backend("b3").address(),
                        1 + version,
                        withC ? "  c: { backends: { c1: " + entry("c1") + ", c2: " + entry("c2") + " } }" : "",
                        withC ? "c" : version % 3 == 0 ? "a" : "b",
                        version % 2 == 0 ? "" : "  - { name: other, path: /other/, pool: b }"));
    }

    private RawBackend backend(String id) {
        return Objects.requireNonNull(backends.get(id));
    }

    private String entry(String id) {
        return "{ address: \"" + backend(id).address() + "\" }";
    }

    private void reload(FileProxy proxy, int version) {
        write(proxy, version);
        HttpResponse<Buffer> answer = proxy.call(HttpMethod.POST, "/v1/reload", null);
        assertThat(answer.statusCode()).as(answer.bodyAsString()).isEqualTo(200);
        JsonObject taken = answer.bodyAsJsonObject();
        assertThat(taken.getBoolean("changed")).isTrue();
        assertThat(taken.getLong("routesRevision")).as("revision of routes").isEqualTo(1 + version);
    }

    /** Weight, hold, release, removal, return. */
    private void changeOneBackend(FileProxy proxy, String pool) {
        String id = pool + (1 + random.nextInt(2));
        String path = "/v1/pools/" + pool + "/backends/" + id;
        RawBackend backend = backend(id);
        JsonObject document = new JsonObject().put("address", backend.address()).put("weight", 2 + random.nextInt(9));
        change(proxy, pool, HttpMethod.PUT, path, document);

        JsonObject hold = new JsonObject().put("reason", "test").put("drainTimeout", "20s");
        awaitDrained(proxy, change(proxy, pool, HttpMethod.PUT, path + "/holds/test", hold));
        stopped(backend);
        started(backend, id);
        change(proxy, pool, HttpMethod.DELETE, path + "/holds/test", null);

        awaitDrained(proxy, change(proxy, pool, HttpMethod.DELETE, path + "?drain=20s", null));
        stopped(backend);
        started(backend, id);
        change(proxy, pool, HttpMethod.PUT, path, document.put("weight", 1));
    }

    private static void stopped(RawBackend backend) {
        backend.script(connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(500, "stopped");
            }
        });
        backend.dropConnections();
    }

    private static void started(RawBackend backend, String id) {
        backend.script(connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(200, id);
            }
        });
    }

    private HttpResponse<Buffer> change(
            FileProxy proxy, String pool, HttpMethod method, String path, @Nullable JsonObject body) {
        HttpResponse<Buffer> answer = proxy.call(method, path, body);
        assertThat(answer.statusCode())
                .as(method + " " + path + ": " + answer.bodyAsString())
                .isBetween(200, 202);
        long revision = Long.parseLong(answer.getHeader("ETag").replace("\"", ""));
        assertThat(revision).as("revision of " + pool).isGreaterThan(revisions.getOrDefault(pool, 0L));
        revisions.put(pool, revision);
        return answer;
    }

    private void awaitDrained(FileProxy proxy, HttpResponse<Buffer> drain) {
        String path = "/v1/operations/" + drain.bodyAsJsonObject().getString("id") + "?wait=20s";
        HttpResponse<Buffer> ended = proxy.get(path);
        assertThat(ended.bodyAsJsonObject().getString("state"))
                .as(ended.bodyAsString())
                .isEqualTo("drained");
    }
}
