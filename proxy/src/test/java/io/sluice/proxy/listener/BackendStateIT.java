package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.ProbeReport;
import io.sluice.proxy.route.RouteSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Backends that ask for no more requests. */
class BackendStateIT {
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final RouteSettings ROUTE = TestSettings.route("retry: {retry-on: ['503']}");

    private static RawBackend answering(int status, String... fields) {
        return new RawBackend(connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(status, "ok", fields);
            }
        });
    }

    /** A pool whose checks are this test's to make up. */
    private static BackendPool pool(boolean checked, RawBackend first, RawBackend second) {
        BackendPool pool = BackendPool.fixed(new PoolSettings(
                "test",
                List.of(
                        new BackendSettings("b1", first.address(), null, 1),
                        new BackendSettings("b2", second.address(), null, 1)),
                1,
                Duration.ofSeconds(5),
                true,
                checked));
        pool.snapshot().backends().forEach(backend -> pass(pool, backend, backend.doubts(), false));
        return pool;
    }

    private static void pass(BackendPool pool, Backend backend, long doubts, boolean drains) {
        pool.report(backend, new ProbeReport(true, Health.UP, null, null, "200", drains), doubts);
    }

    private static TestProxy proxy(BackendPool pool) {
        return new TestProxy(pool, TestSettings.listener(), ROUTE);
    }

    private static void untilOneOf(TestProxy proxy, Backend first) throws Exception {
        for (int i = 0; i < 2 && !first.isDraining(); i++) {
            assertThat(RawClient.call(proxy.port(), GET).head()).doesNotContainIgnoringCase("x-backend-state");
        }
    }

    @Test
    void oneThatAsksForItGetsNoMoreUntilALaterCheckPasses() throws Exception {
        try (RawBackend leaving = answering(200, "X-Backend-State: drain");
                RawBackend staying = answering(200)) {
            BackendPool pool = pool(true, leaving, staying);
            try (TestProxy proxy = proxy(pool)) {
                Backend first = proxy.backend("b1");
                long before = first.doubts();
                untilOneOf(proxy, first);
                assertThat(first.isEligible()).isFalse();
                assertThat(pool.snapshot().ineligibleBecause(first))
                        .containsExactly("drains: it asked for no more requests");
                leaving.requests.clear();
                for (int i = 0; i < 5; i++) {
                    assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(200);
                }
                assertThat(leaving.requests).isEmpty();

                pass(pool, first, before, false);
                assertThat(first.isEligible()).as("that check began before").isFalse();
                pass(pool, first, first.doubts(), true);
                assertThat(first.isEligible()).as("that check says the same").isFalse();
                pass(pool, first, first.doubts(), false);
                assertThat(first.isEligible()).isTrue();
            }
        }
    }

    @Test
    void aRefusalThatIsRepeatedElsewhereTellsItToo() throws Exception {
        try (RawBackend leaving = answering(503, "x-backend-state: Drain");
                RawBackend staying = answering(200)) {
            BackendPool pool = pool(true, leaving, staying);
            try (TestProxy proxy = proxy(pool)) {
                for (int i = 0; i < 2; i++) {
                    assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(200);
                }
                assertThat(proxy.backend("b1").isDraining()).isTrue();
            }
        }
    }

    @Test
    void whenAllAskForItTheyServeOn() throws Exception {
        try (RawBackend one = answering(200, "X-Backend-State: drain");
                RawBackend other = answering(200, "X-Backend-State: drain")) {
            try (TestProxy proxy = proxy(pool(true, one, other))) {
                for (int i = 0; i < 4; i++) {
                    assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(200);
                }
            }
        }
    }

    @Test
    void whereNobodyChecksItMeansNothingButIsKeptFromClients() throws Exception {
        try (RawBackend one = answering(200, "X-Backend-State: drain");
                RawBackend other = answering(200, "X-Backend-State: ready")) {
            try (TestProxy proxy = proxy(pool(false, one, other))) {
                for (int i = 0; i < 4; i++) {
                    assertThat(RawClient.call(proxy.port(), GET).head()).doesNotContainIgnoringCase("x-backend-state");
                }
                assertThat(proxy.backend("b1").isEligible()).isTrue();
            }
        }
    }

    @Test
    void neitherInterimResponsesNorTrailersTellClients() throws Exception {
        RawBackend.Script telling = connection -> {
            connection.readRequest();
            connection.write(RawClient.head("HTTP/1.1 103 Early Hints", "X-Backend-State: drain", "Link: </a>"));
            connection.write(RawClient.head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum"));
            connection.write("2\r\nok\r\n" + RawClient.head("0", "X-Backend-State: drain", "X-Sum: 1"));
        };
        try (RawBackend backend = new RawBackend(telling);
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(GET.replace("Host", "Connection: close\r\nHost"));
            assertThat(client.readRest())
                    .contains("Link: </a>", "X-Sum: 1")
                    .doesNotContainIgnoringCase("x-backend-state");
        }
    }
}
