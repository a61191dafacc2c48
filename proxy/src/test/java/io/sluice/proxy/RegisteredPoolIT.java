package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.admin.Contract;
import io.sluice.proxy.listener.RawBackend;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.PoolSnapshot;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final List<RawBackend> started = new ArrayList<>();
    /** What leases see of time, besides what really passes. */
    private final AtomicLong ahead = new AtomicLong();

    private FileProxy proxy;

    @BeforeEach
    void start() throws Exception {
        Files.writeString(folder.resolve("token"), "let-me-in\n");
        proxy = new FileProxy(vertx, folder, () -> System.nanoTime() + ahead.get());
        proxy.judgedBy(new Contract(vertx));
        proxy.write("""
                registration: { host: 127.0.0.1, port: 0 }
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
                """);
        proxy.start();
    }

    @AfterEach
    void stop() {
        proxy.stop();
        Waiting.on(vertx.close());
        started.forEach(RawBackend::close);
    }

    private RawBackend startInstance() {
        RawBackend instance = RawBackend.answering("fine");
        started.add(instance);
        return instance;
    }

    private HttpResponse<Buffer> register(String id, int port) {
        return asInstance(HttpMethod.PUT, "/v1/pools/app/registrations/" + id, new JsonObject().put("port", port));
    }

    private HttpResponse<Buffer> deregister(String id) {
        return asInstance(HttpMethod.DELETE, "/v1/pools/app/registrations/" + id + "?wait=20s", null);
    }

    private HttpResponse<Buffer> asInstance(HttpMethod method, String path, @Nullable JsonObject body) {
        return proxy.callAs("let-me-in", method, path, body);
    }

    private static void assertProblem(HttpResponse<Buffer> answer, int status, String type) {
        assertThat(answer.statusCode()).as(answer.bodyAsString()).isEqualTo(status);
        assertThat(answer.bodyAsJsonObject().getString("type")).endsWith(type);
        assertThat(answer.bodyAsString()).doesNotContain("let-me-in");
    }

    private PoolSnapshot pool() {
        return proxy.pool("app");
    }

    private void awaitInService(String... ids) {
        Waiting.until("in service: " + Arrays.toString(ids), () -> {
            List<Backend> now = pool().backends();
            return now.stream().allMatch(Backend::isEligible)
                    && now.stream().map(Backend::id).sorted().toList().equals(List.of(ids));
        });
    }

    private JsonObject view() {
        return proxy.get("/v1/pools/app").bodyAsJsonObject();
    }

    @Test
    void theTokenOfAPoolLetsInForRegistrationsAndNothingElse() {
        JsonObject self = new JsonObject().put("port", 1);
        String path = "/v1/pools/app/registrations/a";
        assertProblem(proxy.callAs(null, HttpMethod.PUT, path, self), 401, "unauthorized");
        assertProblem(proxy.callAs("let-me-out", HttpMethod.PUT, path, self), 401, "unauthorized");
        assertProblem(proxy.callAs(null, HttpMethod.DELETE, path, null), 401, "unauthorized");
        for (String other : List.of(
                "/v1/pools/app/backends/a",
                "/v1/pools/app",
                "/v1/pools/closed/registrations/a",
                "/v1/pools/none/registrations/a",
                "/v1/pools/app/registrations/../backends/a",
                "/v1/pools/app/registrations/a/../../backends/a")) {
            assertProblem(asInstance(HttpMethod.PUT, other, self), 401, "unauthorized");
        }
        assertProblem(asInstance(HttpMethod.GET, "/v1/pools/app", null), 401, "unauthorized");
        assertProblem(asInstance(HttpMethod.GET, path, null), 401, "unauthorized");
        assertProblem(proxy.call(HttpMethod.PUT, "/v1/pools/closed/registrations/a", self), 403, "registration-closed");
        assertProblem(proxy.call(HttpMethod.PUT, "/v1/pools/none/registrations/a", self), 404, "not-found");
        assertProblem(
                proxy.call(HttpMethod.DELETE, "/v1/pools/closed/registrations/a", null), 403, "registration-closed");
        assertProblem(proxy.call(HttpMethod.DELETE, "/v1/pools/none/registrations/a", null), 404, "not-found");
        assertProblem(asInstance(HttpMethod.DELETE, path + "?wait=forever", null), 400, "invalid-request");
        assertThat(pool().backends()).isEmpty();
        assertThat(proxy.get("/v1/pools/app/settings").bodyAsString())
                .contains("token-file")
                .doesNotContain("let-me-in");
    }

    @Test
    void onAListenerOfItsOwnNothingElseCanBeDone() {
        String path = "/v1/pools/app/registrations/a";
        RawBackend instance = startInstance();
        JsonObject self = new JsonObject().put("port", instance.port());
        assertThat(elsewhere("let-me-in", HttpMethod.PUT, path, self).statusCode())
                .isEqualTo(201);
        awaitInService("a");
        assertProblem(elsewhere(null, HttpMethod.PUT, path, self), 401, "unauthorized");
        assertProblem(elsewhere(FileProxy.TOKEN, HttpMethod.PUT, path, self), 401, "unauthorized");
        for (String other : List.of("/healthz", "/readyz", "/metrics", "/status", "/v1/pools", "/v1/pools/app", path)) {
            assertProblem(elsewhere(FileProxy.TOKEN, HttpMethod.GET, other, null), 401, "unauthorized");
            assertProblem(elsewhere("let-me-in", HttpMethod.GET, other, null), 401, "unauthorized");
        }
        assertProblem(elsewhere("let-me-in", HttpMethod.PUT, "/v1/pools/app/backends/a", self), 401, "unauthorized");
        assertThat(elsewhere("let-me-in", HttpMethod.DELETE, path, null).statusCode())
                .isEqualTo(200);
        assertThat(pool().backends()).isEmpty();
    }

    /** By the other listener, under a name that it does not know. */
    private HttpResponse<Buffer> elsewhere(
            @Nullable String token, HttpMethod method, String path, @Nullable JsonObject body) {
        var request = proxy.request(method, path)
                .port(proxy.program().registrationPort())
                .virtualHost("proxy-1");
        if (token != null) {
            request.bearerTokenAuthentication(token);
        }
        return Waiting.on(body == null ? request.send() : request.sendJsonObject(body));
    }

    @Test
    void whatMayNotBeIsRefusedWithAReason() {
        String path = "/v1/pools/app/registrations/a";
        assertProblem(
                asInstance(HttpMethod.PUT, path, new JsonObject().put("address", "10.0.0.1:80")),
                403,
                "outside-networks");
        for (JsonObject wrong : List.of(
                new JsonObject().put("address", "localhost:80"),
                new JsonObject().put("weight", 1),
                new JsonObject().put("port", 80).put("address", "127.0.0.1:80"),
                new JsonObject().put("port", 0),
                new JsonObject().put("port", 80).put("weight", 0),
                new JsonObject().put("port", 80).put("backup", true))) {
            assertProblem(asInstance(HttpMethod.PUT, path, wrong), 400, "invalid-request");
        }
        // One that is found down could be registered elsewhere.
        int port = startInstance().port();
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
        assertThat(proxy.call(HttpMethod.PUT, "/v1/pools/app/backends/mine", mine)
                        .statusCode())
                .isEqualTo(201);
        assertProblem(register("mine", 9), 409, "not-yours");
        assertProblem(register("e", 9), 409, "registration-limit");
        assertProblem(deregister("mine"), 409, "not-yours");
    }

    @Test
    void instancesComeAndGoAndNoRequestFails() throws Exception {
        RawBackend first = startInstance();
        RawBackend second = startInstance();
        assertThat(register("one", first.port()).statusCode()).isEqualTo(201);
        awaitInService("one");
        try (SteadyClients clients = new SteadyClients(proxy.trafficPort(), "/x")) {
            clients.awaitMore(50);
            assertThat(register("two", second.port()).statusCode()).isEqualTo(201);
            awaitInService("one", "two");
            clients.awaitMore(50);
            HttpResponse<Buffer> left = deregister("one");
            assertThat(left.bodyAsJsonObject().getBoolean("drained")).isTrue();
            first.close();
            clients.awaitMore(50);
            awaitInService("two");

            register("one", startInstance().port());
            awaitInService("one", "two");
            clients.awaitMore(50);
            assertThat(clients.stop()).isEmpty();
        }
    }

    @Test
    void whoFallsSilentIsTakenOut() {
        RawBackend second = startInstance();
        register("one", startInstance().port());
        register("two", second.port());
        awaitInService("one", "two");
        // Not under load: requests see the same clock, and would time out.
        ahead.addAndGet(MINUTE);
        assertThat(register("two", second.port()).statusCode()).isEqualTo(200);
        ahead.addAndGet(MINUTE / 2);
        Waiting.until("the one that fell silent is taken out", () -> pool().find("one") == null);
        awaitInService("two");
    }

    @Test
    void aRestartKeepsThemForAWholeLeaseAndAHoldStays() {
        RawBackend first = startInstance();
        RawBackend second = startInstance();
        register("one", first.port());
        register("two", second.port());
        awaitInService("one", "two");
        JsonObject why = new JsonObject().put("reason", "test");
        assertThat(proxy.call(HttpMethod.PUT, "/v1/pools/app/backends/one/holds/h", why)
                        .statusCode())
                .isEqualTo(202);
        proxy.stop();
        ahead.addAndGet(10 * MINUTE);

        proxy.start();
        assertThat(pool().backends()).extracting(Backend::id).containsExactly("one", "two");
        assertThat(view().getJsonArray("backends").getJsonObject(0).getString("source"))
                .isEqualTo("registered");
        assertThat(register("one", first.port()).statusCode()).isEqualTo(200);
        assertThat(deregister("one").statusCode()).isEqualTo(200);
        assertThat(pool().holds("one")).hasSize(1);
        assertThat(register("one", first.port()).statusCode()).isEqualTo(200);
        assertThat(pool().holds("one")).hasSize(1);
        Waiting.on(proxy.program().reload("ana"));
        assertThat(pool().backends()).hasSize(2);
    }

    @Test
    void whenAllFallSilentAtOnceTheyStay() {
        RawBackend first = startInstance();
        RawBackend second = startInstance();
        register("one", first.port());
        register("two", second.port());
        awaitInService("one", "two");
        ahead.addAndGet(2 * MINUTE);
        Waiting.until("it is told", () -> view().getJsonObject("registration").getBoolean("preserving"));
        assertThat(view().getJsonObject("registration")
                        .getJsonArray("leases")
                        .getJsonObject(0)
                        .getString("state"))
                .contains("2 of 2");
        awaitInService("one", "two");
        register("one", first.port());
        register("two", second.port());
        Waiting.until("it is over", () -> !view().getJsonObject("registration").getBoolean("preserving"));
    }
}
