package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.route.RouteSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections that change their protocol. */
class TunnelIT {
    private static final RouteSettings ROUTE = TestSettings.route("upgrade: true");
    private static final String UPGRADE = RawClient.head(
            "GET /chat HTTP/1.1",
            "Host: h",
            "Connection: keep-alive, Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Key: abc");

    private static void echo(RawBackend.Connection connection) throws IOException {
        connection.readRequest();
        connection.write(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Own: 1\r\n\r\nhi");
        byte[] buffer = new byte[8192];
        int read = connection.in().read(buffer);
        while (read >= 0) {
            connection.write(Arrays.copyOf(buffer, read));
            read = connection.in().read(buffer);
        }
    }

    @Test
    void anUpgradedConnectionPassesBytesBothWaysAndCountsAsInFlight() throws Exception {
        try (RawBackend backend = new RawBackend(TunnelIT::echo);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            try (RawClient client = new RawClient(proxy.port())) {
                client.write(UPGRADE);
                String head = client.readHead();
                assertThat(head)
                        .startsWith("HTTP/1.1 101")
                        .contains("X-Own: 1")
                        .containsIgnoringCase("upgrade: websocket");
                assertThat(backend.nextRequest())
                        .containsIgnoringCase("connection: upgrade\r\n")
                        .containsIgnoringCase("upgrade: websocket\r\n")
                        .contains("Sec-WebSocket-Key: abc");
                assertThat(text(client.in().readNBytes(2))).isEqualTo("hi");
                byte[] bytes = new byte[1 << 20];
                Arrays.fill(bytes, (byte) 'x');
                CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(client, bytes));
                assertThat(client.in().readNBytes(bytes.length)).isEqualTo(bytes);
                writing.get(10, TimeUnit.SECONDS);
                assertThat(proxy.backend("b1").inFlight()).isEqualTo(1);
            }
            Waiting.until("tunnel ended", () -> proxy.backend("b1").inFlight() == 0);
            TestProxy.Seen seen = proxy.nextExchange();
            assertThat(seen.status()).isEqualTo(101);
            assertThat(seen.responseBytes()).isEqualTo((1 << 20) + 2);
        }
    }

    @Test
    void theBackendCanEndIt() throws Exception {
        RawBackend.Script leaving = connection -> {
            connection.readRequest();
            connection.write(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbye");
        };
        try (RawBackend backend = new RawBackend(leaving);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(UPGRADE);
            client.readHead();
            assertThat(text(client.in().readAllBytes())).isEqualTo("bye");
            client.reset();
            proxy.nextExchange();
        }
    }

    @Test
    void anIdleTunnelIsClosed() throws Exception {
        try (RawBackend backend = new RawBackend(TunnelIT::echo);
                TestProxy proxy = TestProxy.to(TestSettings.route("upgrade: true", "idle-timeout: 200ms"), backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(UPGRADE);
            client.readHead();
            assertThat(text(client.in().readAllBytes())).isEqualTo("hi");
        }
    }

    @Test
    void aClientThatEndsItsHalfIsStillToldTheRest() throws Exception {
        RawBackend.Script patient = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chess\r\n\r\n");
            byte[] all = connection.in().readAllBytes();
            connection.write("after " + text(all));
        };
        try (RawBackend backend = new RawBackend(patient);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(UPGRADE.replace("websocket", "chess"));
            client.readHead();
            client.write("the end");
            client.shutdownOutput();
            assertThat(text(client.in().readAllBytes())).isEqualTo("after the end");
            assertThat(proxy.nextExchange().responseBytes()).isEqualTo("after the end".length());
        }
    }

    @Test
    void aBackendThatEndsItsHalfIsStillToldTheRest() throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        RawBackend.Script ending = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chess\r\n\r\nbye");
            connection.endOutput();
            told.complete(text(connection.in().readAllBytes()));
        };
        try (RawBackend backend = new RawBackend(ending);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(UPGRADE.replace("websocket", "chess"));
            client.readHead();
            assertThat(text(client.in().readAllBytes())).isEqualTo("bye");
            client.write("and you");
            client.shutdownOutput();
            assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo("and you");
            proxy.nextExchange();
        }
    }

    @Test
    void aRefusedUpgradeIsAnOrdinaryResponse() throws Exception {
        try (RawBackend backend = RawBackend.answering("no");
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(UPGRADE);
            assertThat(client.read().body()).isEqualTo("no");
            client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.read().body()).isEqualTo("no");
        }
    }

    @Test
    void aRouteThatDoesNotAllowItForwardsAnOrdinaryRequest() throws Exception {
        try (RawBackend backend = RawBackend.answering("plain");
                TestProxy proxy = TestProxy.to(backend)) {
            assertThat(RawClient.call(proxy.port(), UPGRADE).body()).isEqualTo("plain");
            assertThat(backend.nextRequest())
                    .doesNotContainIgnoringCase("\r\nupgrade:")
                    .doesNotContainIgnoringCase("\r\nconnection:");
        }
    }

    private static void write(RawClient client, byte[] bytes) {
        try {
            client.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
