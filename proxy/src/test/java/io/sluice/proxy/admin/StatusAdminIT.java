package io.sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.balance.LeastConnections;
import io.sluice.proxy.health.ProbeRecord;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.route.RouteTable;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.admin.EventStream;
import io.sluice.service.json.Json;
import io.sluice.service.metrics.Metrics;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatusAdminIT {
    private static final String TOKEN = "token";
    private static final ProbeRecord CHECK = new ProbeRecord(
            Instant.parse("2026-01-02T03:04:05Z"), new ProbeResult(false, null, 7, null, null, "refused"));

    private final Vertx vertx = Vertx.vertx();
    private final WebClient client = WebClient.create(vertx);
    private final Pools pools = Pools.open(
            List.of(PoolSettings.of("app", List.of(new BackendSettings("<b1>", "127.0.0.1:8001", null, 1)))),
            new MemoryPoolStore(),
            Clock.systemUTC(),
            "boot");
    private final AdminServer server =
            new AdminServer(vertx, AdminSettings.loopback(0, Secret.of(TOKEN)), new Metrics(), Optional::empty);

    @BeforeEach
    void start() throws Exception {
        BackendPool pool = pools.pool("app").orElseThrow();
        BalancedPool balanced = new BalancedPool(pool, new LeastConnections());
        EventStream events = new ProxyAdmin(
                        vertx,
                        pools,
                        name -> Optional.of(balanced).filter(known -> name.equals("app")),
                        (of, backend, path) -> Future.succeededFuture(CHECK.result()),
                        PoolSources.NONE,
                        "boot")
                .install(server, 1_000);
        RouteTable routes = new RouteTable(List.of(
                TestSettings.route("pool: app"),
                TestSettings.route("name: own", "path: /own/", "respond: {body: mine}")));
        new StatusAdmin(
                        pools,
                        (of, backend) -> List.of(CHECK),
                        () -> routes,
                        PoolSources.NONE,
                        "boot",
                        Clock.systemUTC())
                .install(server, events);
        await(server.start());
    }

    @AfterEach
    void stop() throws Exception {
        await(server.stop());
        pools.close();
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private HttpResponse<Buffer> get(String path, String token) throws Exception {
        HttpRequest<Buffer> request = client.get(server.port(), "127.0.0.1", path);
        return await(
                token.isEmpty()
                        ? request.send()
                        : request.bearerTokenAuthentication(token).send());
    }

    @Test
    void tellsPoolsChecksAndRoutesToWhoHasTheToken() throws Exception {
        Contract contract = new Contract(vertx);
        contract.checkRequest(HttpMethod.GET, "/v1/status", MultiMap.caseInsensitiveMultiMap(), null);
        HttpResponse<Buffer> answer = get("/v1/status", TOKEN);
        contract.checkResponse(HttpMethod.GET, "/v1/status", answer);
        JsonNode status = Json.mapper().readTree(answer.bodyAsString());
        assertThat(status.at("/pools/0/backends/0/id").textValue()).isEqualTo("<b1>");
        assertThat(status.at("/checks/0/checks/0/error").textValue()).isEqualTo("refused");
        assertThat(status.at("/routes/0/name").textValue()).isEqualTo("own");
        assertThat(status.at("/routes/1/to").textValue()).isEqualTo("app");
        assertThat(status.at("/eventsAfter").longValue()).isEqualTo(1_000);
        assertThat(get("/v1/status", "").statusCode()).isEqualTo(401);
        assertThat(get("/v1/status", "wrong").statusCode()).isEqualTo(401);
    }

    @Test
    void thePageIsOpenAndHoldsNothingUntilTheTokenIsTypedIn() throws Exception {
        HttpResponse<Buffer> answer = get("/status", "");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.getHeader("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.bodyAsString())
                .contains("<title>Sluice proxy</title>")
                .doesNotContain("127.0.0.1", "b1");
        assertThat(await(client.post(server.port(), "127.0.0.1", "/status").send())
                        .statusCode())
                .isNotEqualTo(200);
    }

    @Test
    void theBrowserRunsItsOwnScriptAndNothingElse() throws Exception {
        HttpResponse<Buffer> answer = get("/status", "");
        String page = answer.bodyAsString();
        assertThat(answer.getHeader("Content-Security-Policy"))
                .contains("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'")
                .contains("script-src '" + hash(page, "script") + "'", "style-src '" + hash(page, "style") + "'")
                .doesNotContain("unsafe");
        assertThat(answer.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.split("<script", -1)).hasSize(2);
        assertThat(page.split("<style", -1)).hasSize(2);
        assertThat(page)
                .doesNotContainPattern("<[^>]*\\son[a-z]+\\s*=")
                .doesNotContainPattern("<[^>]*\\s(src|href|style)\\s*=")
                .doesNotContain(
                        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "localStorage");
    }

    private static String hash(String page, String element) throws Exception {
        String inside = page.split("<" + element + ">", -1)[1].split("</" + element + ">", -1)[0];
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(inside.getBytes(StandardCharsets.UTF_8));
        return "sha256-" + Base64.getEncoder().encodeToString(digest);
    }
}
