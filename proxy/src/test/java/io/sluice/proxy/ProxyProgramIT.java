package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.proxy.observe.AccessLogSettings;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.json.Json;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole proxy over two instances that only answer. */
class ProxyProgramIT {
    private static final String POOL = "/v1/pools/webhooks";
    private static final long DEADLINE_SECONDS = 20;

    @TempDir
    private Path data;

    private final Vertx vertx = Vertx.vertx();
    private final WebClient client = WebClient.create(vertx);
    private final List<HttpServer> instances = new ArrayList<>();
    private final AtomicInteger[] served = {new AtomicInteger(), new AtomicInteger()};

    @BeforeEach
    void startInstances() throws Exception {
        for (int i = 0; i < 2; i++) {
            int index = i;
            HttpServer instance = vertx.createHttpServer().requestHandler(request -> {
                if (request.path().startsWith("/webhook/")) {
                    served[index].incrementAndGet();
                }
                request.response().putHeader("X-Config-Hash", "hash-1").end("instance " + (index + 1));
            });
            instances.add(await(instance.listen(0, "127.0.0.1")));
        }
    }

    @AfterEach
    void stop() throws Exception {
        await(vertx.close());
    }

    private ProxySettings settings(int weightOfFirst) {
        List<BackendSettings> backends = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int port = instances.get(i).actualPort();
            backends.add(new BackendSettings("w" + (i + 1), "127.0.0.1:" + port, null, i == 0 ? weightOfFirst : 1));
        }
        PoolSettings pool = new PoolSettings("webhooks", backends, null, Duration.ofSeconds(5), true, true);
        return new ProxySettings(
                TestSettings.listener(),
                AdminSettings.loopback(0, Secret.of("token")),
                List.of(new ConfiguredPool(pool, TestSettings.health("path: /admin/health"))),
                List.of(TestSettings.route("name: webhook", "path: /webhook/", "pool: webhooks")),
                AccessLogSettings.off(),
                data,
                LogSettings.DEFAULTS);
    }

    private ProxyProgram start(ProxySettings settings) throws Exception {
        ProxyProgram proxy = new ProxyProgram(vertx, settings, Clock.systemUTC(), System::nanoTime);
        await(proxy.start());
        return proxy;
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private HttpResponse<Buffer> traffic(ProxyProgram proxy, String path) throws Exception {
        return await(client.get(proxy.trafficPort(), "127.0.0.1", path).send());
    }

    private HttpResponse<Buffer> admin(ProxyProgram proxy, HttpMethod method, String path, JsonObject body)
            throws Exception {
        var request = client.request(method, proxy.adminPort(), "127.0.0.1", path)
                .bearerTokenAuthentication("token")
                .putHeader("If-Match", "*");
        return await(body.isEmpty() ? request.send() : request.sendJsonObject(body));
    }

    @Test
    void itServesFromTheFirstRequestAndKeepsHoldsAcrossARestart() throws Exception {
        ProxyProgram first = start(settings(1));
        for (int i = 0; i < 10; i++) {
            assertThat(traffic(first, "/webhook/x").statusCode()).isEqualTo(200);
        }
        assertThat(served[0].get()).isEqualTo(5);
        assertThat(served[1].get()).isEqualTo(5);
        assertThat(traffic(first, "/admin/health").statusCode()).isEqualTo(404);
        HttpResponse<Buffer> held =
                admin(first, HttpMethod.PUT, POOL + "/backends/w1/holds/h", new JsonObject().put("reason", "test"));
        assertThat(held.statusCode()).as(held.bodyAsString()).isEqualTo(202);
        assertThat(held.bodyAsJsonObject().getString("state")).isEqualTo("drained");
        HttpResponse<Buffer> probe = admin(first, HttpMethod.POST, POOL + "/backends/w1/probes", new JsonObject());
        assertThat(probe.bodyAsJsonObject().getString("configHash")).isEqualTo("hash-1");
        assertThat(probe.bodyAsJsonObject().getBoolean("passed")).isTrue();
        await(first.stop());

        ProxyProgram second = start(settings(1));
        for (int i = 0; i < 5; i++) {
            assertThat(traffic(second, "/webhook/x").bodyAsString()).isEqualTo("instance 2");
        }
        assertThat(admin(second, HttpMethod.GET, POOL, new JsonObject())
                        .bodyAsJsonObject()
                        .getLong("revision"))
                .isEqualTo(2);
        await(second.stop());
    }

    @Test
    void aFileThatContradictsTheApiRefusesToStart() throws Exception {
        ProxyProgram first = start(settings(1));
        JsonObject moved = new JsonObject()
                .put("address", "127.0.0.1:" + instances.get(0).actualPort())
                .put("weight", 7);
        assertThat(admin(first, HttpMethod.PUT, POOL + "/backends/w1", moved).statusCode())
                .isEqualTo(200);
        await(first.stop());

        ExecutionException refused = catchThrowableOfType(ExecutionException.class, () -> start(settings(3)));
        assertThat(refused.getCause())
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContainingAll("pools.webhooks.backends.w1.weight: 3", "7");
        await(start(settings(7)).stop());
        await(start(settings(7)).stop());
    }

    @Test
    void twoProxiesDoNotShareAJournal() throws Exception {
        ProxyProgram first = start(settings(1));
        ExecutionException refused = catchThrowableOfType(ExecutionException.class, () -> start(settings(1)));
        assertThat(refused.getCause()).isInstanceOf(StartException.class);
        await(first.stop());
    }

    @Test
    void aTakenPortIsNamedAndNothingIsLeftBehind() throws Exception {
        ProxySettings taken = settings(1);
        taken = taken.withAdmin(taken.admin().withPort(instances.get(0).actualPort()));
        ProxySettings unusable = taken;
        ExecutionException refused = catchThrowableOfType(ExecutionException.class, () -> start(unusable));
        assertThat(refused.getCause()).isInstanceOf(StartException.class).hasMessageContaining("admin.port");
        ProxyProgram works = start(settings(1));
        assertThat(traffic(works, "/proxy-health").statusCode()).isEqualTo(200);
        await(works.stop());
    }

    @Test
    void itsMetersTellOfPoolsAndJournal() throws Exception {
        ProxyProgram proxy = start(settings(1));
        String page = await(
                        client.get(proxy.adminPort(), "127.0.0.1", "/metrics").send())
                .bodyAsString();
        assertThat(page)
                .contains(
                        "sluice_proxy_journal_writable 1",
                        "sluice_proxy_journal_gaps 0",
                        "sluice_proxy_pool_panic{pool=\"webhooks\"} 0",
                        "sluice_proxy_pool_in_service{pool=\"webhooks\"} 2");
        assertThat(Json.mapper()
                        .readTree(admin(proxy, HttpMethod.GET, POOL + "/explain", new JsonObject())
                                .bodyAsString())
                        .path("next")
                        .asText())
                .isEqualTo("w1");
        await(proxy.stop());
    }
}
