package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.PoolSnapshot;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy whose backends register themselves. */
class RegisteredPoolIT {
    private static final long MINUTE = 60_000_000_000L;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final WebClient client = WebClient.create(vertx);
    /** What leases see of time, besides what really passes. */
    private final AtomicLong ahead = new AtomicLong();

    private Path file;

    @SuppressWarnings("NullAway.Init") // each test starts it
    private ProxyProgram proxy;

    @BeforeEach
    void writeSettings() throws IOException {
        Files.writeString(folder.resolve("token"), "let-me-in\n");
        file = folder.resolve("proxy.yaml");
        Files.writeString(file, """
                    listener: { host: 127.0.0.1, port: 0, lame-duck: 0s }
                    admin: { host: 127.0.0.1, port: 0, token: operator }
                    pools:
                      app:
                        min-in-service: 1
                        health: { path: /health, interval: 100ms }
                        registration:
                          token-file: token
                          networks: [127.0.0.0/30]
                          ttl: 1m
                          max-backends: 3
                      closed: {}
                    routes:
                      - { name: all, path: /, pool: app }
                    access-log: { "on": false }
                    data: "%s"
                    """.formatted(folder.resolve("data")));
    }

    @AfterEach
    void stop() {
        Waiting.on(proxy.stop());
        Waiting.on(vertx.close());
    }

    private void startProxy() {
        proxy = new ProxyProgram(
                vertx,
                ProxySettings.read(file, Map.of()),
                () -> ProxySettings.read(file, Map.of()),
                Succession.NONE,
                Clock.systemUTC(),
                () -> System.nanoTime() + ahead.get());
        Waiting.on(proxy.start());
    }

    private HttpServer startInstance() {
        return Waiting.on(vertx.createHttpServer()
                .requestHandler(request -> request.response().end("fine"))
                .listen(0, "127.0.0.1"));
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String path, @Nullable String token, JsonObject body) {
        var request = client.request(method, proxy.adminPort(), "127.0.0.1", path);
        if (token != null) {
            request.bearerTokenAuthentication(token);
        }
        return Waiting.on(body.isEmpty() ? request.send() : request.sendJsonObject(body));
    }

    private HttpResponse<Buffer> register(String id, int port) {
        return ask(
                HttpMethod.PUT, "/v1/pools/app/registrations/" + id, "let-me-in", new JsonObject().put("port", port));
    }

    private HttpResponse<Buffer> deregister(String id) {
        return ask(HttpMethod.DELETE, "/v1/pools/app/registrations/" + id + "?wait=20s", "let-me-in", new JsonObject());
    }

    private static void assertProblem(HttpResponse<Buffer> answer, int status, String type) {
        assertThat(answer.statusCode()).as(answer.bodyAsString()).isEqualTo(status);
        assertThat(answer.bodyAsJsonObject().getString("type")).endsWith(type);
        assertThat(answer.bodyAsString()).doesNotContain("let-me-in");
    }

    private PoolSnapshot pool() {
        return proxy.pools().pool("app").orElseThrow().snapshot();
    }

    private void awaitInService(String... ids) {
        Waiting.until("in service: " + Arrays.toString(ids), () -> {
            List<Backend> now = pool().backends();
            return now.stream().allMatch(Backend::isEligible)
                    && now.stream().map(Backend::id).sorted().toList().equals(List.of(ids));
        });
    }

    private JsonObject view() {
        return ask(HttpMethod.GET, "/v1/pools/app", "operator", new JsonObject())
                .bodyAsJsonObject();
    }

    @Test
    void theTokenOfAPoolLetsInForRegistrationsAndNothingElse() {
        startProxy();
        JsonObject self = new JsonObject().put("port", 1);
        String path = "/v1/pools/app/registrations/a";
        assertProblem(ask(HttpMethod.PUT, path, null, self), 401, "unauthorized");
        assertProblem(ask(HttpMethod.PUT, path, "let-me-out", self), 401, "unauthorized");
        assertProblem(ask(HttpMethod.DELETE, path, null, new JsonObject()), 401, "unauthorized");
        for (String other : List.of(
                "/v1/pools/app/backends/a",
                "/v1/pools/app",
                "/v1/pools/closed/registrations/a",
                "/v1/pools/none/registrations/a",
                "/v1/pools/app/registrations/../backends/a",
                "/v1/pools/app/registrations/a/../../backends/a")) {
            assertProblem(ask(HttpMethod.PUT, other, "let-me-in", self), 401, "unauthorized");
        }
        assertProblem(ask(HttpMethod.GET, "/v1/pools/app", "let-me-in", new JsonObject()), 401, "unauthorized");
        assertProblem(ask(HttpMethod.GET, path, "let-me-in", new JsonObject()), 401, "unauthorized");
        assertProblem(
                ask(HttpMethod.PUT, "/v1/pools/closed/registrations/a", "operator", self), 403, "registration-closed");
        assertProblem(ask(HttpMethod.PUT, "/v1/pools/none/registrations/a", "operator", self), 404, "not-found");
        assertThat(pool().backends()).isEmpty();
        assertThat(ask(HttpMethod.GET, "/v1/pools/app/settings", "operator", new JsonObject())
                        .bodyAsString())
                .contains("token-file")
                .doesNotContain("let-me-in");
    }

    @Test
    void whatMayNotBeIsRefusedWithAReason() {
        startProxy();
        String path = "/v1/pools/app/registrations/a";
        assertProblem(
                ask(HttpMethod.PUT, path, "let-me-in", new JsonObject().put("address", "10.0.0.1:80")),
                403,
                "outside-networks");
        for (JsonObject wrong : List.of(
                new JsonObject().put("address", "localhost:80"),
                new JsonObject().put("weight", 1),
                new JsonObject().put("port", 80).put("address", "127.0.0.1:80"),
                new JsonObject().put("port", 0),
                new JsonObject().put("port", 80).put("weight", 0),
                new JsonObject().put("port", 80).put("backup", true))) {
            assertProblem(ask(HttpMethod.PUT, path, "let-me-in", wrong), 400, "invalid-request");
        }
        // One that is found down could be registered elsewhere.
        int port = startInstance().actualPort();
        assertThat(register("a", port).statusCode()).isEqualTo(201);
        assertThat(register("a", port).statusCode()).isEqualTo(200);
        HttpResponse<Buffer> elsewhere = register("a", 2);
        assertProblem(elsewhere, 409, "registered-elsewhere");
        assertThat(elsewhere.getHeader("Retry-After")).isNotNull();
        assertProblem(register("b", port), 409, "address-taken");
        assertThat(register("b", 2).statusCode()).isEqualTo(201);
        assertThat(register("c", 3).statusCode()).isEqualTo(201);
        assertProblem(register("d", 4), 409, "registration-limit");
        assertThat(deregister("nobody").statusCode()).isEqualTo(200);
        JsonObject mine = new JsonObject().put("address", "127.0.0.1:9");
        assertThat(client.put(proxy.adminPort(), "127.0.0.1", "/v1/pools/app/backends/mine")
                        .bearerTokenAuthentication("operator")
                        .putHeader("If-None-Match", "*")
                        .sendJsonObject(mine)
                        .toCompletionStage())
                .succeedsWithin(Duration.ofSeconds(20));
        assertProblem(register("mine", 9), 409, "not-yours");
        assertProblem(register("e", 9), 409, "registration-limit");
        assertProblem(deregister("mine"), 409, "not-yours");
    }

    @Test
    void instancesComeAndGoAndNoRequestFails() throws Exception {
        startProxy();
        HttpServer first = startInstance();
        HttpServer second = startInstance();
        assertThat(register("one", first.actualPort()).statusCode()).isEqualTo(201);
        awaitInService("one");
        try (SteadyClients clients = new SteadyClients(proxy.trafficPort(), "/x")) {
            clients.awaitMore(50);
            assertThat(register("two", second.actualPort()).statusCode()).isEqualTo(201);
            awaitInService("one", "two");
            clients.awaitMore(50);
            HttpResponse<Buffer> left = deregister("one");
            assertThat(left.bodyAsJsonObject().getBoolean("drained")).isTrue();
            Waiting.on(first.close());
            clients.awaitMore(50);
            awaitInService("two");

            register("one", startInstance().actualPort());
            awaitInService("one", "two");
            clients.awaitMore(50);
            assertThat(clients.stop()).isEmpty();
        }
    }

    @Test
    void whoFallsSilentIsTakenOut() {
        startProxy();
        HttpServer second = startInstance();
        register("one", startInstance().actualPort());
        register("two", second.actualPort());
        awaitInService("one", "two");
        // Not under load: requests see the same clock, and would time out.
        ahead.addAndGet(MINUTE);
        assertThat(register("two", second.actualPort()).statusCode()).isEqualTo(200);
        ahead.addAndGet(MINUTE / 2);
        Waiting.until("the one that fell silent is taken out", () -> pool().find("one") == null);
        awaitInService("two");
    }

    @Test
    void aRestartKeepsThemForAWholeLeaseAndAHoldStays() {
        startProxy();
        HttpServer first = startInstance();
        HttpServer second = startInstance();
        register("one", first.actualPort());
        register("two", second.actualPort());
        awaitInService("one", "two");
        JsonObject why = new JsonObject().put("reason", "test");
        assertThat(ask(HttpMethod.PUT, "/v1/pools/app/backends/one/holds/h", "operator", why)
                        .statusCode())
                .isEqualTo(202);
        Waiting.on(proxy.stop());
        ahead.addAndGet(10 * MINUTE);

        startProxy();
        assertThat(pool().backends()).extracting(Backend::id).containsExactly("one", "two");
        assertThat(view().getJsonArray("backends").getJsonObject(0).getString("source"))
                .isEqualTo("registered");
        assertThat(register("one", first.actualPort()).statusCode()).isEqualTo(200);
        assertThat(deregister("one").statusCode()).isEqualTo(200);
        assertThat(pool().holds("one")).hasSize(1);
        assertThat(register("one", first.actualPort()).statusCode()).isEqualTo(200);
        assertThat(pool().holds("one")).hasSize(1);
        Waiting.on(proxy.reload("ana"));
        assertThat(pool().backends()).hasSize(2);
    }

    @Test
    void whenAllFallSilentAtOnceTheyStay() {
        startProxy();
        HttpServer first = startInstance();
        HttpServer second = startInstance();
        register("one", first.actualPort());
        register("two", second.actualPort());
        awaitInService("one", "two");
        ahead.addAndGet(2 * MINUTE);
        Waiting.until("it is told", () -> view().getJsonObject("registration").getBoolean("preserving"));
        assertThat(view().getJsonObject("registration")
                        .getJsonArray("leases")
                        .getJsonObject(0)
                        .getString("state"))
                .contains("2 of 2");
        awaitInService("one", "two");
        register("one", first.actualPort());
        register("two", second.actualPort());
        Waiting.until("it is over", () -> !view().getJsonObject("registration").getBoolean("preserving"));
    }
}
