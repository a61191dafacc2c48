package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How much may go on at once. */
class ConcurrencyIT {
    private static final String PER_KEY = "{key: 'header:x-key', limit: 2}";
    private static final String PER_ROUTE = "{key: route, limit: 2}";

    private final Semaphore mayAnswer = new Semaphore(0);

    private void answerWhenAllowed(RawBackend.Connection connection) throws IOException {
        while (!connection.readRequest().isEmpty()) {
            try {
                if (!mayAnswer.tryAcquire(20, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            connection.respond(200, "ok");
        }
    }

    private static TestProxy proxy(RawBackend backend, String... limits) {
        return TestProxy.to(TestSettings.route("max-concurrent: [" + String.join(", ", limits) + "]"), backend);
    }

    private static String request(String key) {
        return "GET / HTTP/1.1\r\nHost: h\r\nX-Key: " + key + "\r\n\r\n";
    }

    private static RawClient running(TestProxy proxy, RawBackend backend, String key) throws Exception {
        RawClient client = new RawClient(proxy.port());
        client.write(request(key));
        backend.nextRequest();
        return client;
    }

    @Test
    void aKeyGetsOnlySoManyAtOnce() throws Exception {
        try (RawBackend backend = new RawBackend(this::answerWhenAllowed);
                TestProxy proxy = proxy(backend, PER_KEY);
                RawClient first = running(proxy, backend, "a");
                RawClient second = running(proxy, backend, "a")) {
            RawClient.Response refused = RawClient.call(proxy.port(), request("a"));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.TOO_MANY_AT_ONCE);

            try (RawClient other = running(proxy, backend, "b")) {
                mayAnswer.release(3);
                assertThat(other.read().status()).isEqualTo(200);
            }
            assertThat(first.read().status()).isEqualTo(200);
            assertThat(second.read().status()).isEqualTo(200);
            mayAnswer.release(1);
            assertThat(RawClient.call(proxy.port(), request("a")).status()).isEqualTo(200);
        }
    }

    @Test
    void theNextRequestOfAConnectionFindsThePlaceOfTheOneBefore() throws Exception {
        mayAnswer.release(100);
        String one = "{key: client-ip, limit: 1}";
        try (RawBackend backend = new RawBackend(this::answerWhenAllowed);
                TestProxy proxy = proxy(backend, one);
                RawClient client = new RawClient(proxy.port())) {
            client.write(request("a") + request("a") + request("a"));
            for (int i = 0; i < 3; i++) {
                assertThat(client.read().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aRouteTakesOnlySoManyAtOnce() throws Exception {
        try (RawBackend backend = new RawBackend(this::answerWhenAllowed);
                TestProxy proxy = proxy(backend, PER_ROUTE);
                RawClient first = running(proxy, backend, "a")) {
            try (RawClient leaving = running(proxy, backend, "b")) {
                RawClient.Response refused = RawClient.call(proxy.port(), request("c"));
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Retry-After")).isEqualTo("1");
                assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.ROUTE_FULL);
                leaving.reset();
            }
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
            mayAnswer.release(3);
            assertThat(RawClient.call(proxy.port(), request("d")).status()).isEqualTo(200);
            assertThat(first.read().status()).isEqualTo(200);
        }
    }

    @Test
    void whoeverIsRefusedByOneLimitTakesNoPlaceOfAnother() throws Exception {
        try (RawBackend backend = new RawBackend(this::answerWhenAllowed);
                TestProxy proxy = proxy(backend, "{key: route, limit: 3}", "{key: 'header:x-key', limit: 1}");
                RawClient first = running(proxy, backend, "a")) {
            for (int i = 0; i < 5; i++) {
                assertThat(RawClient.call(proxy.port(), request("a")).status()).isEqualTo(429);
            }
            try (RawClient second = running(proxy, backend, "b");
                    RawClient third = running(proxy, backend, "c")) {
                mayAnswer.release(3);
                assertThat(second.read().status()).isEqualTo(200);
                assertThat(third.read().status()).isEqualTo(200);
                assertThat(first.read().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void nothingNewIsTakenOnWhileBuffersHoldTooMuch() throws Exception {
        ListenerSettings settings = TestSettings.listener("max-buffered: 1MiB");
        ByteBuf held = PooledByteBufAllocator.DEFAULT.directBuffer(2 << 20);
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), settings, TestSettings.route())) {
            Waiting.until("refused", () -> status(proxy, "/") == 503);
            assertThat(status(proxy, "/proxy-health")).isEqualTo(200);
        } finally {
            held.release();
        }
    }

    private static int status(TestProxy proxy, String path) {
        try {
            return RawClient.call(proxy.port(), "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
                    .status();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
