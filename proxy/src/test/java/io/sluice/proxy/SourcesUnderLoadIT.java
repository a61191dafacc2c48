package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.discovery.TestNameServer;
import io.sluice.proxy.listener.RawBackend;
import io.sluice.proxy.listener.Waiting;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances that nobody takes out: they are killed, fall silent, or are no longer what their name stands for, while requests run. */
class SourcesUnderLoadIT {
    private static final int SOME = 50;
    private static final long HEARTBEAT_MILLIS = 100;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<RawBackend> all = List.of(
            RawBackend.answering("0"), RawBackend.answering("1"), RawBackend.answering("2"), RawBackend.answering("3"));
    /** Who sends heartbeats, by id. */
    private final Map<String, RawBackend> alive = new ConcurrentHashMap<>();

    private TestNameServer names;
    private FileProxy proxy;

    @BeforeEach
    void start() throws Exception {
        names = new TestNameServer(true);
        names.addresses("localhost.", 0, "127.0.0.1");
        proxy = new FileProxy(vertx, folder);
        Files.writeString(folder.resolve("token"), "let-me-in");
        proxy.write("""
                pools:
                  named:
                    min-in-service: 1
                    health: { path: /health, interval: 100ms }
                    discover:
                      name: app.internal
                      record: srv
                      name-servers: ["%s"]
                      min-interval: 100ms
                      max-interval: 100ms
                      remove-after: 2
                  registered:
                    min-in-service: 1
                    health: { path: /health, interval: 100ms }
                    registration: { token-file: token, networks: [127.0.0.1/32], ttl: 500ms }
                routes:
                  - { name: named, path: /named, pool: named }
                  - { name: registered, path: /registered, pool: registered }
                """.formatted(names.address()));
    }

    @AfterEach
    void stop() {
        alive.clear();
        proxy.stop();
        Waiting.on(vertx.close());
        names.close();
        all.forEach(RawBackend::close);
    }

    private void register(String id, RawBackend instance) {
        JsonObject body = new JsonObject().put("port", instance.port());
        assertThat(proxy.callAs("let-me-in", HttpMethod.PUT, "/v1/pools/registered/registrations/" + id, body)
                        .statusCode())
                .isEqualTo(201);
        alive.put(id, instance);
    }

    /** What becomes of a heartbeat does not matter: a late one registers the instance again. */
    private void sendHeartbeats() {
        vertx.setPeriodic(
                HEARTBEAT_MILLIS,
                tick -> alive.forEach(
                        (id, instance) -> proxy.request(HttpMethod.PUT, "/v1/pools/registered/registrations/" + id)
                                .bearerTokenAuthentication("let-me-in")
                                .sendJsonObject(new JsonObject().put("port", instance.port()))));
    }

    private void announce(RawBackend... instances) {
        names.services(
                "app.internal.",
                0,
                List.of(instances).stream()
                        .map(instance -> "1 1 " + instance.port() + " localhost.")
                        .toList());
    }

    @Test
    void whoIsKilledAndWhoFallsSilentIsTakenOutAndNoRequestFails() throws Exception {
        proxy.start();
        sendHeartbeats();
        for (int i = 0; i < all.size(); i++) {
            register("i" + i, all.get(i));
        }
        proxy.awaitInService("registered", all.stream().map(RawBackend::address).toList());
        try (SteadyClients clients = SteadyClients.repeatable(proxy.trafficPort(), "/registered")) {
            clients.awaitMore(SOME);
            alive.remove("i0");
            all.get(0).kill();
            clients.awaitMore(SOME);
            Waiting.until(
                    "the killed one is taken out",
                    () -> proxy.pool("registered").find("i0") == null);
            clients.awaitMore(SOME);
            assertThat(clients.stop()).isEmpty();
        }
        try (SteadyClients clients = SteadyClients.pausing(proxy.trafficPort(), "/registered")) {
            clients.awaitMore(SOME);
            alive.remove("i1");
            Waiting.until(
                    "the silent one is taken out",
                    () -> proxy.pool("registered").find("i1") == null);
            clients.awaitMore(SOME);
            assertThat(clients.stop()).isEmpty();
        }
        assertThat(proxy.get("/v1/pools/registered/journal").bodyAsString()).contains("no heartbeat for");
    }

    @Test
    void aNameThatStandsForOthersTakesThemInAndNoRequestFails() throws Exception {
        announce(all.get(0), all.get(1));
        proxy.start();
        proxy.awaitInService("named", List.of(all.get(0).address(), all.get(1).address()));
        try (SteadyClients clients = SteadyClients.pausing(proxy.trafficPort(), "/named")) {
            clients.awaitMore(SOME);
            announce(all.get(2), all.get(3));
            proxy.awaitInService(
                    "named", List.of(all.get(2).address(), all.get(3).address()));
            clients.awaitMore(SOME);
            announce(all.get(0), all.get(1));
            proxy.awaitInService(
                    "named", List.of(all.get(0).address(), all.get(1).address()));
            clients.awaitMore(SOME);
            assertThat(clients.stop()).isEmpty();
        }
    }
}
