package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.route.RouteSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP libraries are known to get wrong for a gateway, and no other test looks at. */
class LibraryTrapsIT {
    private static final RouteSettings ROUTE = TestSettings.route();

    @Test
    void aConnectionPastItsIdleTimeIsNotUsedAgain() throws Exception {
        AtomicLong passed = new AtomicLong();
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.timed(
                        () -> System.nanoTime() + passed.get(),
                        TestProxy.fixedPool(backend),
                        TestSettings.listener("upstream: {idle-timeout: 30s}"),
                        ROUTE)) {
            RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(backend.accepted()).isEqualTo(1);
            passed.set(Duration.ofSeconds(31).toNanos());
            RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(backend.accepted()).isEqualTo(2);
        }
    }

    @Test
    void whoeverAsksForAnotherHostUsesTheSameConnections() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            for (int i = 0; i < 20; i++) {
                String request = "GET / HTTP/1.1\r\nHost: host-" + i + ".example\r\n\r\n";
                assertThat(RawClient.call(proxy.port(), request).body()).isEqualTo("ok");
            }
            assertThat(backend.accepted()).isEqualTo(1);
        }
    }

    @Test
    void whatComesRightBehindAnUpgradeIsNotLost() throws Exception {
        RawBackend.Script echo = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
            connection.write(new String(connection.in().readNBytes(5), StandardCharsets.ISO_8859_1));
        };
        try (RawBackend backend = new RawBackend(echo);
                TestProxy proxy = TestProxy.to(TestSettings.route("upgrade: true"), backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nearly");
            assertThat(client.readHead()).startsWith("HTTP/1.1 101");
            assertThat(new String(client.in().readNBytes(5), StandardCharsets.ISO_8859_1))
                    .isEqualTo("early");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {102, 104, 199})
    void anInterimResponseOfAnyKindIsNotTakenForTheLast(int status) throws Exception {
        RawBackend.Script waiting = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 " + status + " Wait\r\n\r\n");
            connection.respond(200, "ok");
        };
        try (RawBackend backend = new RawBackend(waiting);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 " + status);
            assertThat(client.read().body()).isEqualTo("ok");
        }
    }
}
