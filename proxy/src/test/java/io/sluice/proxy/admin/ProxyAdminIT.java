package io.sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.balance.LeastConnections;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.ProbeReport;
import io.sluice.proxy.pool.TestLease;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.json.Json;
import io.sluice.service.metrics.Metrics;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every endpoint over HTTP; each request and each response is held against the OpenAPI document. */
class ProxyAdminIT {
    private static final String TOKEN = "correct-horse";
    private static final String POOL = "/v1/pools/webhooks";
    private static final long DEADLINE_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final MemoryPoolStore store = new MemoryPoolStore();
    private Pools pools = open("boot-1");
    private AccessLogAdmin.@Nullable Reopening accessLog = () -> CompletableFuture.completedFuture(null);
    private AdminServer server = serve("boot-1", Secret.of(TOKEN));
    private Contract contract;
    private WebClient client = WebClient.create(vertx);

    @BeforeEach
    void readContract() throws Exception {
        contract = new Contract(vertx);
    }

    @AfterEach
    void stop() throws Exception {
        await(server.stop());
        pools.close();
        await(vertx.close());
    }

    private Pools open(String bootId) {
        List<BackendSettings> backends = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            backends.add(new BackendSettings("w" + i, "127.0.0.1:800" + i, "http://127.0.0.1:900" + i, 1));
        }
        return Pools.open(List.of(PoolSettings.of("webhooks", backends)), store, Clock.systemUTC(), bootId);
    }

    private AdminServer serve(String bootId, @Nullable Secret token) {
        AdminServer started = new AdminServer(vertx, AdminSettings.loopback(0, token), new Metrics(), Optional::empty);
        BackendProber prober = (pool, backend, path) -> Future.succeededFuture(
                new ProbeResult(true, 200, 3, backend.id(), "hash of " + path.orElse("default"), null));
        var pool = pools.pool("webhooks").orElseThrow();
        BalancedPool balanced = new BalancedPool(pool, new LeastConnections());
        new ProxyAdmin(
                        vertx,
                        pools,
                        name -> Optional.of(balanced).filter(known -> name.equals("webhooks")),
                        prober,
                        PoolSources.NONE,
                        bootId)
                .install(started, 1_000);
        new AccessLogAdmin(vertx, accessLog).install(started);
        try {
            await(started.start());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return started;
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private record Call(
            HttpMethod method, String target, @Nullable String body, Map<String, String> headers) {
        Call with(String name, String value) {
            Map<String, String> more = new java.util.HashMap<>(headers);
            more.put(name, value);
            return new Call(method, target, body, more);
        }
    }

    private static Call call(HttpMethod method, String target) {
        return new Call(method, target, null, Map.of());
    }

    private static Call call(HttpMethod method, String target, String body) {
        return new Call(method, target, body, Map.of());
    }

    private static Call get(String target) {
        return call(HttpMethod.GET, target);
    }

    private static Call patch(String changes) {
        return call(HttpMethod.PATCH, POOL, "{\"reason\":\"test\",\"changes\":[" + changes + "]}");
    }

    private static Call hold(String backend, String name) {
        return call(
                HttpMethod.PUT,
                POOL + "/backends/" + backend + "/holds/" + name,
                "{\"reason\":\"maintenance\",\"drainTimeout\":\"30s\"}");
    }

    /** Sends what the contract allows. */
    private HttpResponse<Buffer> send(Call call) throws Exception {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().addAll(call.headers);
        contract.checkRequest(call.method, call.target, headers, call.body == null ? null : Buffer.buffer(call.body));
        return sendWrong(call);
    }

    /** Sends what it does not; the answer has to be as it says all the same. */
    private HttpResponse<Buffer> sendWrong(Call call) throws Exception {
        return sendAs(call, "Bearer " + TOKEN);
    }

    private HttpResponse<Buffer> sendAs(Call call, @Nullable String authorization) throws Exception {
        HttpRequest<Buffer> request = client.request(call.method, server.port(), "127.0.0.1", call.target);
        call.headers.forEach(request::putHeader);
        if (authorization != null) {
            request.putHeader("Authorization", authorization);
        }
        if (call.body != null) {
            request.putHeader("Content-Type", "application/json");
        }
        Future<HttpResponse<Buffer>> sent =
                call.body == null ? request.send() : request.sendBuffer(Buffer.buffer(call.body));
        HttpResponse<Buffer> response = await(sent);
        contract.checkResponse(call.method, call.target, response);
        return response;
    }

    private static JsonNode json(HttpResponse<Buffer> response) throws Exception {
        return Json.mapper().readTree(response.bodyAsBuffer().getBytes());
    }

    private static void assertProblem(HttpResponse<Buffer> response, int status, String type) throws Exception {
        assertThat(response.statusCode()).as(response.bodyAsString()).isEqualTo(status);
        assertThat(json(response).path("type").asText()).isEqualTo("/problems/" + type);
    }

    private Backend backend(String id) {
        return pools.pool("webhooks").orElseThrow().snapshot().backend(id).orElseThrow();
    }

    private static Lease lease(Backend backend) {
        return Objects.requireNonNull(TestLease.of(backend));
    }

    @Test
    void poolsAreListedWithTheirRevisionAsETag() throws Exception {
        assertThat(json(send(get("/v1/pools"))).path("pools")).hasSize(1);
        HttpResponse<Buffer> pool = send(get(POOL));
        assertThat(pool.getHeader("ETag")).isEqualTo("\"1\"");
        assertThat(json(pool).path("bootId").asText()).isEqualTo("boot-1");
        assertThat(json(pool).path("inService").asInt()).isEqualTo(3);
        assertThat(json(pool).path("backends").get(0).path("adminUrl").asText()).isEqualTo("http://127.0.0.1:9001");
        assertProblem(send(get("/v1/pools/other")), 404, "not-found");
    }

    @Test
    void withoutTheTokenNothingIsToldOrChanged() throws Exception {
        for (Call call : List.of(get("/v1/pools"), get(POOL), hold("w1", "h"), get("/v1/events"))) {
            assertProblem(sendAs(call, null), 401, "unauthorized");
            assertProblem(sendAs(call, "Bearer wrong"), 401, "unauthorized");
        }
        await(server.stop());
        server = serve("boot-1", null);
        assertProblem(sendAs(get(POOL), "Bearer " + TOKEN), 403, "no-token-configured");
        for (String open : List.of("/healthz", "/readyz", "/metrics", "/openapi.yaml")) {
            assertThat(sendAs(get(open), null).statusCode()).as(open).isEqualTo(200);
        }
    }

    @Test
    void aPatchIsAtomicAndNeedsToKnowTheRevision() throws Exception {
        String changes = "{\"op\":\"put-backend\",\"id\":\"w4\",\"address\":\"127.0.0.1:8004\",\"weight\":2},"
                + "{\"op\":\"put-hold\",\"backend\":\"w1\",\"name\":\"h\",\"reason\":\"r\"},"
                + "{\"op\":\"remove-hold\",\"backend\":\"w2\",\"name\":\"h\"},"
                + "{\"op\":\"accept-configuration\",\"hashes\":[\"aa\"]},"
                + "{\"op\":\"set-min-in-service\",\"count\":1},"
                + "{\"op\":\"remove-backend\",\"id\":\"w3\",\"drainTimeout\":\"1s\"}";
        assertProblem(send(patch(changes)), 428, "precondition-required");
        assertProblem(send(patch(changes).with("If-Match", "\"7\"")), 412, "revision-mismatch");
        assertProblem(send(patch(changes).with("If-Match", "W/\"1\"")), 412, "revision-mismatch");
        HttpResponse<Buffer> patched = send(patch(changes).with("If-Match", "\"7\", \"1\""));
        assertThat(patched.statusCode()).isEqualTo(200);
        assertThat(patched.getHeader("ETag")).isEqualTo("\"2\"");
        assertThat(json(patched).path("backends")).hasSize(3);
        assertThat(json(patched).path("acceptedConfiguration").get(0).asText()).isEqualTo("aa");
        JsonNode journal = json(send(get(POOL + "/journal?limit=1")));
        assertThat(journal.path("entries")).hasSize(1);
        assertThat(journal.path("entries").get(0).path("changes")).hasSize(5);
    }

    @Test
    void everyMistakeOfARequestIsPointedAt() throws Exception {
        HttpResponse<Buffer> shape = sendWrong(patch("{\"op\":\"put-hold\",\"bakend\":\"w1\"},{\"op\":\"explode\"}")
                .with("If-Match", "*"));
        assertProblem(shape, 400, "invalid-request");
        assertThat(json(shape).path("errors").findValuesAsText("pointer"))
                .contains("/changes/0/bakend", "/changes/0/backend", "/changes/0/name", "/changes/1/op");
        assertThat(shape.bodyAsString()).contains("did you mean backend?");

        HttpResponse<Buffer> values = send(patch("{\"op\":\"put-backend\",\"id\":\"a b\",\"address\":\"nowhere\"},"
                        + "{\"op\":\"set-min-in-service\",\"count\":9}")
                .with("If-Match", "*"));
        assertProblem(values, 400, "invalid-request");
        assertThat(json(values).path("errors").findValuesAsText("pointer"))
                .containsExactly("/changes/0/id", "/changes/0/address", "/changes/1/count");

        HttpResponse<Buffer> single =
                send(call(HttpMethod.PUT, POOL + "/backends/w9", "{\"address\":\"x\",\"adminUrl\":\"ftp://x\"}"));
        assertThat(json(single).path("errors").findValuesAsText("pointer")).containsExactly("/address", "/adminUrl");
        assertProblem(sendWrong(call(HttpMethod.PUT, POOL + "/backends/w9", "{")), 400, "invalid-request");
        assertProblem(sendWrong(get(POOL + "/journal?limit=0")), 400, "invalid-request");
        assertProblem(sendWrong(get("/v1/operations/x?wait=soon")), 400, "invalid-request");
        assertProblem(
                sendWrong(hold("w1", "h").with("X-Rollout-Epoch", "x").with("If-Match", "1")), 400, "invalid-request");
        assertProblem(sendWrong(call(HttpMethod.DELETE, POOL + "/backends/w1?force=yes")), 400, "invalid-request");
    }

    @Test
    void aBackendIsCreatedReplacedAndRemoved() throws Exception {
        Call put = call(HttpMethod.PUT, POOL + "/backends/w4", "{\"address\":\"127.0.0.1:8004\"}");
        assertThat(send(put.with("If-None-Match", "*")).statusCode()).isEqualTo(201);
        assertProblem(send(put.with("If-None-Match", "*")), 412, "already-exists");
        assertThat(send(put).getHeader("ETag")).as("as asked for already").isEqualTo("\"2\"");
        Call replace = call(HttpMethod.PUT, POOL + "/backends/w4?reason=moved", "{\"address\":\"127.0.0.1:8104\"}");
        assertProblem(send(replace), 428, "precondition-required");
        assertProblem(send(replace.with("If-Match", "\"1\"")), 412, "revision-mismatch");
        HttpResponse<Buffer> replaced = send(replace.with("If-Match", "\"2\""));
        assertThat(replaced.statusCode()).isEqualTo(200);
        assertThat(json(replaced).path("backends").get(3).path("incarnation").asInt())
                .isEqualTo(2);

        assertThat(send(hold("w4", "operator:bob").with("X-Author", "bob")).statusCode())
                .isEqualTo(202);
        Call delete = call(HttpMethod.DELETE, POOL + "/backends/w4?drain=30s").with("X-Author", "ana");
        assertProblem(send(delete), 409, "held-by-others");
        assertProblem(send(delete.with("If-Match", "\"1\"")), 412, "revision-mismatch");
        HttpResponse<Buffer> removed = send(call(HttpMethod.DELETE, POOL + "/backends/w4?drain=30s&force=true")
                .with("X-Author", "ana"));
        assertThat(removed.statusCode()).isEqualTo(202);
        assertThat(json(removed).path("state").asText()).isEqualTo("drained");
        assertProblem(send(delete), 404, "not-found");
        assertThat(json(send(get(POOL + "/journal"))).path("entries").findValuesAsText("author"))
                .containsExactly("ana", "bob", "admin", "admin", "file");
    }

    @Test
    void aHoldAnswersWithTheDrainThatItStarted() throws Exception {
        Lease running = lease(backend("w1"));
        HttpResponse<Buffer> held = send(hold("w1", "rollout:r-42").with("X-Rollout-Epoch", "5"));
        assertThat(held.statusCode()).isEqualTo(202);
        String location = held.getHeader("Location");
        assertThat(json(held).path("state").asText()).isEqualTo("draining");
        assertThat(json(held).path("inFlight").asInt()).isEqualTo(1);
        assertThat(send(hold("w1", "rollout%3Ar-42")).getHeader("Location")).isEqualTo(location);
        assertProblem(send(hold("w2", "rollout:r-41").with("X-Rollout-Epoch", "4")), 412, "stale-epoch");
        assertProblem(send(hold("w2", "other")), 409, "floor-would-break");
        assertProblem(send(hold("w9", "other")), 404, "not-found");
        assertThat(json(send(get(location + "?wait=1ms"))).path("state").asText())
                .isEqualTo("draining");

        CompletableFuture<HttpResponse<Buffer>> waiting = client.get(server.port(), "127.0.0.1", location + "?wait=30s")
                .bearerTokenAuthentication(TOKEN)
                .send()
                .toCompletionStage()
                .toCompletableFuture();
        running.close();
        HttpResponse<Buffer> ended = waiting.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(json(ended).path("state").asText()).isEqualTo("drained");
        assertThat(json(send(get(location))).path("finishedAt").isMissingNode()).isFalse();

        Call release = call(HttpMethod.DELETE, POOL + "/backends/w1/holds/rollout:r-42");
        assertThat(json(send(release)).path("inService").asInt()).isEqualTo(3);
        assertThat(send(release).statusCode()).isEqualTo(200);
        assertProblem(send(call(HttpMethod.DELETE, POOL + "/backends/w9/holds/h")), 404, "not-found");
        assertProblem(send(release.with("If-Match", "\"1\"")), 412, "revision-mismatch");
        assertProblem(send(get("/v1/operations/nothing")), 404, "not-found");
    }

    @Test
    void holdsOperationsAndEpochSurviveARestart() throws Exception {
        lease(backend("w1"));
        HttpResponse<Buffer> held = send(hold("w1", "h").with("X-Rollout-Epoch", "5"));
        await(server.stop());
        pools.close();
        pools = open("boot-2");
        server = serve("boot-2", Secret.of(TOKEN));
        client = WebClient.create(vertx);

        JsonNode drain = json(send(get(held.getHeader("Location"))));
        assertThat(drain.path("state").asText()).isEqualTo("drained");
        assertThat(drain.path("bootId").asText()).isEqualTo("boot-1");
        JsonNode pool = json(send(get(POOL)));
        assertThat(pool.path("bootId").asText()).isEqualTo("boot-2");
        assertThat(pool.path("epoch").asInt()).isEqualTo(5);
        assertThat(pool.path("backends").get(0).path("holds")).hasSize(1);
        assertProblem(send(hold("w1", "h").with("X-Rollout-Epoch", "4")), 412, "stale-epoch");
    }

    @Test
    void withoutADiskOnlyHoldsAreTakenAndSaidToBeVolatile() throws Exception {
        store.behave(MemoryPoolStore.Mode.FORCE_FAILS_LOSING);
        Call floor = patch("{\"op\":\"set-min-in-service\",\"count\":1}").with("If-Match", "*");
        assertProblem(send(floor), 503, "outcome-unknown");
        assertProblem(send(floor), 503, "journal-unavailable");
        HttpResponse<Buffer> held = send(hold("w1", "h"));
        assertThat(held.statusCode()).isEqualTo(202);
        assertThat(held.getHeader("Sluice-Durability")).isEqualTo("volatile");
        assertThat(json(send(get(POOL + "/journal"))).path("gaps")).hasSize(1);
        HttpResponse<Buffer> released = send(call(HttpMethod.DELETE, POOL + "/backends/w1/holds/h"));
        assertThat(released.getHeader("Sluice-Durability")).isEqualTo("volatile");
    }

    private void takeDown(String id) {
        Backend backend = backend(id);
        pools.pool("webhooks")
                .orElseThrow()
                .report(
                        backend,
                        new ProbeReport(false, Health.DOWN, null, null, "connection refused"),
                        backend.doubts());
    }

    @Test
    void explainTellsWhyAndWhoIsNext() throws Exception {
        send(hold("w1", "h").with("X-Author", "ana"));
        takeDown("w2");
        JsonNode explained = json(send(get(POOL + "/explain")));
        assertThat(explained.path("next").asText()).isEqualTo("w3");
        assertThat(explained.path("backends").findValuesAsText("eligible")).containsExactly("false", "false", "true");
        assertThat(explained.toString())
                .contains("held by h (ana): maintenance", "down: connection refused", "eligible: 0 in flight");
        takeDown("w3");
        JsonNode panic = json(send(get(POOL + "/explain")));
        assertThat(panic.path("panicking").asBoolean()).isTrue();
        assertThat(panic.toString()).contains("gets requests all the same");
    }

    @Test
    void aProbeReachesHeldBackendsToo() throws Exception {
        send(hold("w1", "h"));
        Call probe = call(HttpMethod.POST, POOL + "/backends/w1/probes");
        assertThat(json(send(probe)).path("instanceId").asText()).isEqualTo("w1");
        Call elsewhere = call(HttpMethod.POST, POOL + "/backends/w1/probes", "{\"path\":\"/x\"}");
        assertThat(json(send(elsewhere)).path("configHash").asText()).isEqualTo("hash of /x");
        Call wrong = call(HttpMethod.POST, POOL + "/backends/w1/probes", "{\"path\":\"x\"}");
        assertProblem(sendWrong(wrong), 400, "invalid-request");
        assertProblem(send(call(HttpMethod.POST, POOL + "/backends/w9/probes")), 404, "not-found");
    }

    @Test
    void theAccessLogIsOpenedAnewByWhoHasTheToken() throws Exception {
        Call reopen = call(HttpMethod.POST, "/v1/access-log/reopen");
        assertThat(json(send(reopen)).path("status").asText()).isEqualTo("reopened");
        assertProblem(sendAs(reopen, "Bearer wrong"), 401, "unauthorized");

        await(server.stop());
        accessLog = () -> CompletableFuture.failedFuture(new IOException("no space"));
        server = serve("boot-1", Secret.of(TOKEN));
        assertProblem(send(reopen), 503, "cannot-reopen");

        await(server.stop());
        accessLog = null;
        server = serve("boot-1", Secret.of(TOKEN));
        assertProblem(send(reopen), 409, "no-access-log-file");
    }

    @Test
    void eventsTellWhatHappensAndCanBeResumed() throws Exception {
        send(hold("w1", "h"));
        String missed = firstEvents("1000", 4);
        assertThat(missed).contains("event: drain-started", "event: pool-changed", "event: drain-ended", "id: 1003");
        assertThat(missed).doesNotContain("reset");
        assertThat(firstEvents("7", 1)).contains("event: reset");
    }

    /** The stream from that id on, until it has so many lines {@code data:}, or three and a retry line. */
    private String firstEvents(String lastEventId, int atLeast) throws Exception {
        HttpClient streaming = vertx.createHttpClient();
        CompletableFuture<String> text = new CompletableFuture<>();
        StringBuilder so = new StringBuilder();
        streaming
                .request(HttpMethod.GET, server.port(), "127.0.0.1", "/v1/events")
                // Listens on the connection's own thread, so that nothing can arrive before.
                .compose(request -> request.putHeader("Authorization", TOKEN)
                        .putHeader("Last-Event-ID", lastEventId)
                        .send()
                        .onSuccess(response -> response.handler(chunk -> {
                            so.append(chunk);
                            if (so.toString().split("data:", -1).length > Math.min(atLeast, 3)) {
                                text.complete(so.toString());
                            }
                        })))
                .onFailure(text::completeExceptionally);
        String result = text.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        await(streaming.close());
        return result;
    }
}
