package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.ProbeReport;
import io.sluice.proxy.route.RouteSettings;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** When a route's second pool is asked. */
class FallbackIT {
    private static final RouteSettings ROUTE = TestSettings.route("fallback: other");

    private static String get(TestProxy proxy) throws IOException {
        return RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n").body();
    }

    private static void takeDown(BackendPool pool) {
        Backend backend = pool.snapshot().backend("b1").orElseThrow();
        pool.report(backend, new ProbeReport(false, Health.DOWN, null, null, "says the test"), backend.doubts());
        assertThat(pool.snapshot().isPanicking()).isTrue();
    }

    @Test
    void itServesRatherThanWhoIsDown() throws Exception {
        try (RawBackend own = RawBackend.answering("own");
                RawBackend spare = RawBackend.answering("spare")) {
            BackendPool pool = TestProxy.fixedPool(own);
            BackendPool other = TestProxy.fixedPool(spare);
            try (TestProxy proxy = TestProxy.withFallback(pool, other, ROUTE)) {
                assertThat(get(proxy)).isEqualTo("own");
                takeDown(pool);
                assertThat(get(proxy)).isEqualTo("spare");
                takeDown(other);
                assertThat(get(proxy)).isEqualTo("own");
            }
        }
    }

    @Test
    void itServesWhatTheOwnPoolFailedAt() throws Exception {
        RawBackend gone = RawBackend.answering("own");
        gone.close();
        try (RawBackend spare = RawBackend.answering("spare");
                TestProxy proxy =
                        TestProxy.withFallback(TestProxy.fixedPool(gone), TestProxy.fixedPool(spare), ROUTE)) {
            assertThat(get(proxy)).isEqualTo("spare");
            assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:connect_failed", "b1:200");
        }
    }

    @Test
    void aStaleConnectionIsNoReasonForIt() throws Exception {
        RawBackend.Script once = connection -> {
            connection.readRequest();
            connection.respond(200, "own");
            connection.readRequest();
        };
        try (RawBackend own = new RawBackend(once);
                RawBackend spare = RawBackend.answering("spare");
                TestProxy proxy = TestProxy.withFallback(TestProxy.fixedPool(own), TestProxy.fixedPool(spare), ROUTE)) {
            assertThat(get(proxy)).isEqualTo("own");
            proxy.nextExchange();
            assertThat(get(proxy)).isEqualTo("own");
            assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:stale_connection", "b1:200");
        }
    }
}
