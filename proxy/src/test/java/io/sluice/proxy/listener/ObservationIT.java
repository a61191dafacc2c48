package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.observe.AccessLog;
import io.sluice.proxy.observe.AccessLogSettings;
import io.sluice.proxy.observe.TrafficMetrics;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.RouteTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is logged and counted of real requests. */
class ObservationIT {
    private static final RouteSettings ROUTE = TestSettings.route(
            "name: hooks",
            "path: /webhook/",
            "retry: {delivery-id-headers: [X-GitHub-Delivery], trust-not-accepted: true}");

    @TempDir
    Path folder;

    @Test
    void logsEveryAttemptOfARequestAndNothingCanForgeALine() throws Exception {
        Path file = folder.resolve("access.log");
        AccessLog log = new AccessLog(AccessLogSettings.to(file), Clock.systemUTC());
        RawBackend.Script busy = connection -> {
            connection.readRequest();
            connection.respond(503, "no", "Webhook-Not-Accepted: draining");
            connection.readRequest();
        };
        RawClient.Response unrouted;
        try (RawBackend bad = new RawBackend(busy);
                RawBackend good = RawBackend.answering("fine");
                TestProxy proxy = TestProxy.observed(log, ROUTE, bad, good)) {
            RawClient.Response response = RawClient.call(
                    proxy.port(),
                    "POST /webhook/a?q=\"x\" HTTP/1.1\r\nHost: h\r\nUser-Agent: test \"1\"\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(response.status()).isEqualTo(200);
            unrouted = RawClient.call(proxy.port(), "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
            RawClient.call(proxy.port(), "GET /proxy-health HTTP/1.1\r\nHost: h\r\n\r\n");
            proxy.nextExchange();
            proxy.nextExchange();
        }
        log.close();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(2);
        JsonNode first = new ObjectMapper().readTree(lines.get(0));
        assertThat(first.get("status").intValue()).isEqualTo(200);
        assertThat(first.get("target").textValue()).isEqualTo("/webhook/a?q=\"x\"");
        assertThat(first.get("route").textValue()).isEqualTo("hooks");
        assertThat(first.get("requestBytes").intValue()).isEqualTo(5);
        assertThat(first.get("responseBytes").intValue()).isEqualTo(4);
        assertThat(first.get("termination").textValue()).isEqualTo("done");
        assertThat(first.get("retries").intValue()).isEqualTo(1);
        assertThat(first.get("userAgent").textValue()).isEqualTo("test \"1\"");
        assertThat(first.get("attempts")).hasSize(2);
        assertThat(first.get("attempts").get(0).get("connectMs").doubleValue()).isPositive();
        assertThat(first.get("attempts").get(0).get("failure").textValue()).isEqualTo("not_accepted");
        assertThat(first.get("attempts").get(1).get("backend").textValue()).isEqualTo("b2");
        assertThat(first.get("attempts").get(1).get("status").intValue()).isEqualTo(200);
        JsonNode second = new ObjectMapper().readTree(lines.get(1));
        assertThat(second.get("failure").textValue()).isEqualTo("no_route");
        assertThat(second.get("termination").textValue()).isEqualTo("no-route");
        assertThat(second.get("requestId").textValue()).isEqualTo(unrouted.header("X-Request-ID"));
        assertThat(second.get("attempts")).isEmpty();
    }

    @Test
    void dropsLinesInsteadOfWaiting() throws Exception {
        Path file = folder.resolve("access.log");
        AccessLog log = new AccessLog(AccessLogSettings.to(file).withQueue(1), Clock.systemUTC());
        FinishedExchange exchange = anExchange();
        for (int i = 0; i < 100_000; i++) {
            log.exchangeEnded(exchange);
        }
        log.close();
        assertThat(log.dropped()).isPositive();
        assertThat(Files.readAllLines(file)).hasSize((int) (100_000 - log.dropped()));
    }

    @Test
    void losesNoLineWhileItsFileIsRotatedInEveryWayAtOnce() throws Exception {
        int lines = 100_000;
        Path file = folder.resolve("access.log");
        AccessLogSettings settings = AccessLogSettings.to(file).withQueue(lines).withRotation(1 << 20, 1_000);
        AccessLog log = new AccessLog(settings, Clock.systemUTC());
        FinishedExchange exchange = anExchange();
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < lines; i++) {
                log.exchangeEnded(exchange);
            }
        });
        int moved = 0;
        while (!written.isDone() || moved < 20) {
            moved += moveAway(file, folder.resolve("moved." + moved));
            log.reopen().get(20, TimeUnit.SECONDS);
        }
        log.close();
        assertThat(log.dropped()).isZero();
        assertThat(linesBelow(folder)).isEqualTo(lines);
        assertThat(log.reopen()).isCompletedExceptionally();
    }

    private static int moveAway(Path file, Path target) throws IOException {
        try {
            Files.move(file, target);
            return 1;
        } catch (NoSuchFileException e) {
            return 0; // it is being rotated at this moment
        }
    }

    private static long linesBelow(Path folder) throws IOException {
        long count = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.toList()) {
                for (String line : Files.readAllLines(each)) {
                    assertThat(line).startsWith("{").endsWith("}");
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void countsRequestsAndForgetsTheSeriesOfABackendThatLeft() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (RawBackend one = RawBackend.answering("fine");
                RawBackend two = RawBackend.answering("fine")) {
            PoolSettings settings = PoolSettings.of(
                    "test",
                    List.of(
                            new BackendSettings("b1", one.address(), null, 1),
                            new BackendSettings("b2", two.address(), null, 1)));
            Pools pools = Pools.open(List.of(settings), new MemoryPoolStore(), Clock.systemUTC(), "boot");
            BackendPool pool = pools.pool("test").orElseThrow();
            TrafficMetrics metrics = new TrafficMetrics(registry, new RouteTable(List.of(ROUTE)), List.of(pool));
            try (TestProxy proxy = TestProxy.observed(metrics, pool, ROUTE)) {
                for (int i = 0; i < 4; i++) {
                    RawClient.call(proxy.port(), "GET /webhook/a HTTP/1.1\r\nHost: h\r\n\r\n");
                    proxy.nextExchange();
                }
                RawClient.call(proxy.port(), "GET /other HTTP/1.1\r\nHost: h\r\n\r\n");
                proxy.nextExchange();
                assertThat(registry.get("sluice.proxy.requests")
                                .tag("code", "2xx")
                                .counter()
                                .count())
                        .isEqualTo(4);
                assertThat(registry.get("sluice.proxy.failures")
                                .tag("reason", "no_route")
                                .counter()
                                .count())
                        .isEqualTo(1);
                assertThat(attempts(registry, "b1")).isEqualTo(2);
                assertThat(attempts(registry, "b2")).isEqualTo(2);
                pools.change(new ChangeRequest(
                                "test",
                                List.of(new PoolChange.RemoveBackend("b1", false)),
                                Precondition.NONE,
                                "test",
                                "test",
                                null))
                        .get();
                assertThat(registry.find("sluice.proxy.upstream.attempts")
                                .tag("backend", "b1")
                                .meters())
                        .isEmpty();
                assertThat(registry.find("sluice.proxy.backend.in.flight")
                                .tag("backend", "b1")
                                .meters())
                        .isEmpty();
                assertThat(attempts(registry, "b2")).isEqualTo(2);
            }
            pools.close();
        }
    }

    private static double attempts(MeterRegistry registry, String backend) {
        return registry.get("sluice.proxy.upstream.attempts")
                .tag("backend", backend)
                .tag("outcome", "success")
                .counter()
                .count();
    }

    private static FinishedExchange anExchange() throws IOException {
        FinishedExchange[] seen = new FinishedExchange[1];
        ExchangeObserver keeping = new ExchangeObserver() {
            @Override
            public void attemptEnded(FinishedAttempt attempt) {}

            @Override
            public void exchangeEnded(FinishedExchange exchange) {
                seen[0] = exchange;
            }
        };
        try (RawBackend backend = RawBackend.answering("x");
                TestProxy proxy = TestProxy.observed(keeping, ROUTE, backend)) {
            RawClient.call(proxy.port(), "GET /webhook/a HTTP/1.1\r\nHost: h\r\n\r\n");
            Waiting.until("the exchange ended", () -> seen[0] != null);
        }
        return seen[0];
    }
}
