package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.balance.Algorithm;
import io.sluice.proxy.balance.BalanceSettings;
import io.sluice.proxy.health.HealthSettings;
import io.sluice.proxy.listener.RawBackend;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.observe.AccessLogSettings;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.SlowStart;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Circuit breakers and slow starts as clients, operators and metrics see them. Nothing here depends on how long anything takes. */
class ProtectedPoolIT {
    private static final Duration WINDOW = Duration.ofSeconds(10);

    @TempDir
    private Path data;

    private final Vertx vertx = Vertx.vertx();
    private final WebClient client = WebClient.create(vertx);
    private final AtomicInteger[] asked = {new AtomicInteger(), new AtomicInteger()};
    private volatile boolean firstFails;
    private volatile boolean secondIsUp = true;
    private final RawBackend first = new RawBackend(connection -> serve(connection, 0));
    private final RawBackend second = new RawBackend(connection -> serve(connection, 1));

    private void serve(RawBackend.Connection connection, int index) throws IOException {
        String head = connection.readRequest();
        while (!head.isEmpty()) {
            if (head.startsWith("GET /health")) {
                connection.respond(index == 1 && !secondIsUp ? 503 : 200, "");
            } else {
                asked[index].incrementAndGet();
                if (index == 0 && firstFails) {
                    // In the middle of an answer, which speaks against it whatever the method.
                    connection.write("HTTP/1.1 200 OK\r\nContent-");
                    return;
                }
                connection.respond(200, "b" + (index + 1));
            }
            head = connection.readRequest();
        }
    }

    @AfterEach
    void stop() {
        Waiting.on(vertx.close());
        first.close();
        second.close();
    }

    private ProxyProgram start(HealthSettings health, @Nullable SlowStart slowStart, AtomicLong nanos) {
        List<BackendSettings> backends = List.of(
                new BackendSettings("b1", first.address(), null, 1),
                new BackendSettings("b2", second.address(), null, 1));
        PoolSettings pool = new PoolSettings(
                "test",
                backends,
                1,
                Duration.ofSeconds(5),
                true,
                health.probes().on());
        ProxySettings settings = new ProxySettings(
                TestSettings.listener(),
                AdminSettings.loopback(0, Secret.of("token")),
                List.of(new ConfiguredPool(pool, health, roundRobin(), null, slowStart, null)),
                List.of(TestSettings.route()),
                AccessLogSettings.off(),
                data,
                LogSettings.DEFAULTS);
        ProxyProgram proxy = new ProxyProgram(vertx, settings, Clock.systemUTC(), nanos::get);
        Waiting.on(proxy.start());
        return proxy;
    }

    private static BalanceSettings roundRobin() {
        return new BalanceSettings(Algorithm.ROUND_ROBIN, BalanceSettings.DEFAULT.hashKey());
    }

    private int get(ProxyProgram proxy) {
        return Waiting.on(client.get(proxy.trafficPort(), "127.0.0.1", "/x").send())
                .statusCode();
    }

    private JsonObject view(ProxyProgram proxy, String id) {
        HttpResponse<Buffer> answer = Waiting.on(client.get(proxy.adminPort(), "127.0.0.1", "/v1/pools/test")
                .bearerTokenAuthentication("token")
                .send());
        JsonArray backends = answer.bodyAsJsonObject().getJsonArray("backends");
        for (int i = 0; i < backends.size(); i++) {
            if (backends.getJsonObject(i).getString("id").equals(id)) {
                return backends.getJsonObject(i);
            }
        }
        throw new AssertionError("no backend " + id + " in " + backends);
    }

    private String metrics(ProxyProgram proxy) {
        return Waiting.on(client.get(proxy.adminPort(), "127.0.0.1", "/metrics")
                        .bearerTokenAuthentication("token")
                        .send())
                .bodyAsString();
    }

    private static String breaker(int state) {
        return "sluice_proxy_backend_breaker{backend=\"b1\",pool=\"test\"} " + state;
    }

    @Test
    void aBreakerOpensAfterSoManyFailuresAndNoRequestReachesTheBackend() {
        HealthSettings health = TestSettings.health("max-fails: 3", "fail-timeout: 1h");
        ProxyProgram proxy = start(health, null, new AtomicLong());
        firstFails = true;
        for (int i = 0; i < 20; i++) {
            get(proxy);
        }
        assertThat(asked[0].get()).isEqualTo(3);
        assertThat(asked[1].get()).isGreaterThanOrEqualTo(17);
        assertThat(view(proxy, "b1").getString("breaker")).isEqualTo("open");
        assertThat(view(proxy, "b1").getBoolean("eligible")).isFalse();
        assertThat(view(proxy, "b2").getString("breaker")).isEqualTo("closed");
        assertThat(metrics(proxy)).contains(breaker(2)).contains("sluice_proxy_ejections_total{pool=\"test\"} 1.0");
        Waiting.on(proxy.stop());
    }

    @Test
    void aTrialThatIsAnsweredClosesIt() {
        HealthSettings health = TestSettings.health("max-fails: 3", "fail-timeout: 50ms", "ejection: {max-time: 50ms}");
        ProxyProgram proxy = start(health, null, new AtomicLong());
        firstFails = true;
        Waiting.until("open", () -> {
            get(proxy);
            return view(proxy, "b1").getString("breaker").equals("open");
        });
        firstFails = false;
        Waiting.until("closed", () -> {
            assertThat(get(proxy)).isIn(200, 502);
            return view(proxy, "b1").getString("breaker").equals("closed");
        });
        assertThat(metrics(proxy)).contains(breaker(0));
        int before = asked[0].get();
        for (int i = 0; i < 10; i++) {
            assertThat(get(proxy)).isEqualTo(200);
        }
        assertThat(asked[0].get() - before).isBetween(4, 6);
        Waiting.on(proxy.stop());
    }

    @Test
    void aBackendThatComesBackGetsItsShareSlowly() {
        HealthSettings health = TestSettings.health("path: /health", "interval: 50ms");
        AtomicLong nanos = new AtomicLong();
        ProxyProgram proxy = start(health, new SlowStart(WINDOW, 1, 10), nanos);
        // Both began slowly, as they were new.
        nanos.addAndGet(WINDOW.toNanos());
        Waiting.until("warm", () -> view(proxy, "b1").getInteger("slowStartPercent") == null);
        secondIsUp = false;
        Waiting.until("down", () -> !view(proxy, "b2").getBoolean("eligible"));
        secondIsUp = true;
        Waiting.until("up", () -> view(proxy, "b2").getBoolean("eligible"));
        assertThat(view(proxy, "b2").getInteger("slowStartPercent")).isEqualTo(10);
        int before = asked[1].get();
        for (int i = 0; i < 110; i++) {
            assertThat(get(proxy)).isEqualTo(200);
        }
        assertThat(asked[1].get() - before).as("one in eleven").isBetween(7, 14);

        nanos.addAndGet(WINDOW.toNanos());
        Waiting.until("has all of it", () -> view(proxy, "b2").getInteger("slowStartPercent") == null);
        int warm = asked[1].get();
        for (int i = 0; i < 20; i++) {
            assertThat(get(proxy)).isEqualTo(200);
        }
        assertThat(asked[1].get() - warm).isBetween(8, 12);
        Waiting.on(proxy.stop());
    }
}
