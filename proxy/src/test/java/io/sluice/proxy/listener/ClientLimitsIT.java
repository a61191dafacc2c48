package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClientLimitsIT {
    private static TestProxy proxy(RawBackend backend, String... limits) {
        return new TestProxy(TestProxy.fixedPool(backend), TestSettings.listener(limits), TestSettings.route());
    }

    @Test
    void aClientHasSoManyConnectionsAtMost() throws Exception {
        String request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "max-connections-per-client: 2");
                RawClient first = new RawClient(proxy.port())) {
            first.write(request);
            assertThat(first.read().status()).isEqualTo(200);
            try (RawClient second = new RawClient(proxy.port())) {
                second.write(request);
                assertThat(second.read().status()).isEqualTo(200);
                try (RawClient third = new RawClient(proxy.port())) {
                    assertThat(third.isClosedByPeer()).isTrue();
                }
            }
            Waiting.until("closed", () -> proxy.listener().connections() == 1);
            try (RawClient again = new RawClient(proxy.port())) {
                again.write(request);
                assertThat(again.read().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aBodyThatTricklesIsRefused() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "min-body-rate: 1000000", "min-body-rate-grace: 100ms");
                RawClient client = new RawClient(proxy.port())) {
            client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx");
            RawClient.Response response = client.read();
            assertThat(response.status()).isEqualTo(408);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.BODY_TIMEOUT);
        }
    }

    @Test
    void theRateIsAnAverageAfterTheGrace() {
        BodyRate rate = new BodyRate();
        ClientLimits limits = new ClientLimits(0, 1000, Duration.ofSeconds(5));
        assertThat(rate.isTooSlow(Duration.ofSeconds(5).toNanos(), limits)).isFalse();
        rate.received(1000);
        assertThat(rate.isTooSlow(Duration.ofSeconds(1).toNanos(), limits)).isFalse();
        assertThat(rate.isTooSlow(Duration.ofSeconds(1).toNanos(), limits)).isTrue();
        rate.restart();
        assertThat(rate.isTooSlow(Duration.ofSeconds(5).toNanos(), limits)).isFalse();
    }
}
