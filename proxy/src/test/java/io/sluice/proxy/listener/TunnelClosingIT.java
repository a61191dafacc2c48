package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.tls.BackendTls;
import io.sluice.proxy.tls.BackendTlsSettings;
import io.sluice.proxy.tls.BackendTransport;
import io.vertx.core.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tunnels whose backend is drained, or whose listener stops. Time stands still unless a test moves it. */
class TunnelClosingIT {
    private static final int TUNNELS = 50;
    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final RouteSettings ROUTE = TestSettings.route("upgrade: true");
    private static final String HELLO = "\u0081\u0002hi";
    private static final String FRAME = "\u0081\nlittle one";
    private static final String MASKED_FRAME = "\u0081\u0082\0\0\0\0ok";
    private static final String RESTART = "\u0088\u0002\u0003\u00f4";

    private final AtomicLong nanos = new AtomicLong();
    /** What each backend's connection was sent after the request, once that has ended. */
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    private static String upgrade(String protocol) {
        return RawClient.head("GET /chat HTTP/1.1", "Host: h", "Connection: Upgrade", "Upgrade: " + protocol);
    }

    private static String switching(String protocol) {
        return RawClient.head("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: " + protocol);
    }

    private void greet(RawBackend.Connection connection, String protocol) throws IOException {
        connection.readRequest();
        connection.write(switching(protocol) + HELLO);
        received.add(readAll(connection.in()));
    }

    private static String readAll(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        in.transferTo(all);
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    private static Pools pools(RawBackend backend) {
        // The second is there for the floor, and gets nothing while the first serves.
        BackendSettings spare = new BackendSettings("b2", "127.0.0.1:1", null, 1, true, null);
        PoolSettings settings =
                PoolSettings.of("test", List.of(new BackendSettings("b1", backend.address(), null, 1), spare));
        return Pools.open(List.of(settings), new MemoryPoolStore(), Clock.systemUTC(), "boot");
    }

    private TestProxy proxy(Pools pools) {
        return proxy(pools, WINDOW);
    }

    private TestProxy proxy(Pools pools, Duration window) {
        BackendPool pool = pools.pool("test").orElseThrow();
        ListenerSettings settings = TestSettings.listener("tunnel-close-window: " + window.toMillis() + "ms");
        return TestProxy.timed(nanos::get, pool, settings, ROUTE);
    }

    private static List<RawClient> open(TestProxy proxy, int count, String protocol) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RawClient client = new RawClient(proxy.port());
            client.write(upgrade(protocol));
            assertThat(client.readHead()).startsWith("HTTP/1.1 101");
            assertThat(client.in().readNBytes(HELLO.length())).isEqualTo(octets(HELLO));
            clients.add(client);
        }
        return clients;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Lets a drain of the first backend come to its deadline. */
    private static DrainOperation drain(Pools pools) throws Exception {
        PoolChange hold = new PoolChange.PutHold("b1", "test", "because", Duration.ofMillis(1));
        String id = pools.change(new ChangeRequest("test", List.of(hold), Precondition.NONE, "test", "test", null))
                .get(20, TimeUnit.SECONDS)
                .drains()
                .get(0)
                .id();
        pools.drainEnded(id).get(20, TimeUnit.SECONDS);
        return pools.drain(id).orElseThrow();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Each closes its connection when it has come to the end of what it is told. */
    private static List<CompletableFuture<String>> readAll(List<RawClient> clients) {
        return clients.stream()
                .map(client -> {
                    CompletableFuture<String> rest = new CompletableFuture<>();
                    Thread reader = new Thread(() -> {
                        try (client) {
                            rest.complete(client.readRest());
                        } catch (IOException e) {
                            rest.completeExceptionally(e);
                        }
                    });
                    reader.setDaemon(true);
                    reader.start();
                    return rest;
                })
                .toList();
    }

    private static long ended(List<CompletableFuture<String>> rests) {
        return rests.stream().filter(CompletableFuture::isDone).count();
    }

    @Test
    void aDrainWaitsForWebSocketsAndAtItsDeadlineTellsOneAfterTheOtherToComeAgain() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> greet(connection, "websocket"));
                Pools pools = pools(backend);
                TestProxy proxy = proxy(pools)) {
            List<RawClient> clients = open(proxy, TUNNELS, "websocket");
            for (RawClient client : clients) {
                client.write(MASKED_FRAME);
            }
            List<CompletableFuture<String>> rests = readAll(clients);

            DrainOperation drain = drain(pools);
            assertThat(drain.state()).isEqualTo(DrainState.TIMED_OUT);
            assertThat(drain.remaining()).isEqualTo(TUNNELS);
            Waiting.until("the first was told", () -> ended(rests) >= 1);
            assertThat(ended(rests)).isEqualTo(1);
            pass(WINDOW.dividedBy(2));
            Waiting.until("half of them were told", () -> ended(rests) >= 1 + TUNNELS / 2);
            assertThat(ended(rests)).isEqualTo(1 + TUNNELS / 2);
            pass(WINDOW.dividedBy(2));
            for (CompletableFuture<String> rest : rests) {
                assertThat(rest.get(20, TimeUnit.SECONDS)).isEqualTo(RESTART);
            }
            for (int i = 0; i < TUNNELS; i++) {
                assertThatBackendWasTold(received.poll(20, TimeUnit.SECONDS), MASKED_FRAME);
            }
            Waiting.until("drained", () -> proxy.backend("b1").inFlight() == 0);
        }
    }

    /** A close frame, masked, code 1001. */
    private static void assertThatBackendWasTold(String all, String before) {
        assertThat(all).startsWith(before + "\u0088\u0082").hasSize(before.length() + 8);
        byte[] frame = octets(all.substring(before.length()));
        int code = ((frame[6] ^ frame[2]) & 0xff) << 8 | ((frame[7] ^ frame[3]) & 0xff);
        assertThat(code).isEqualTo(1001);
    }

    @Test
    void aFrameThatIsUnderWayIsFinishedFirst() throws Exception {
        RawBackend.Script halfway = connection -> {
            if (connection.number > 1) {
                greet(connection, "websocket");
                return;
            }
            connection.readRequest();
            connection.write(switching("websocket") + HELLO + FRAME.substring(0, 5));
            awaitLeave();
            // What follows the frame is too late.
            connection.write(FRAME.substring(5) + HELLO);
            received.add(readAll(connection.in()));
        };
        try (RawBackend backend = new RawBackend(halfway);
                Pools pools = pools(backend);
                TestProxy proxy = proxy(pools, Duration.ZERO)) {
            List<RawClient> clients = open(proxy, 2, "websocket");
            RawClient client = clients.get(0);
            assertThat(client.in().readNBytes(5)).isEqualTo(octets(FRAME.substring(0, 5)));
            client.write(MASKED_FRAME.substring(0, 7));
            drain(pools);
            // Both go in the same turn of the event loop.
            assertThat(clients.get(1).readRest()).isEqualTo(RESTART);
            clients.get(1).close();
            assertThatBackendWasTold(received.poll(20, TimeUnit.SECONDS), "");

            client.write(MASKED_FRAME.substring(7) + MASKED_FRAME);
            mayGoOn.countDown();
            assertThat(client.readRest()).isEqualTo(FRAME.substring(5) + RESTART);
            assertThatBackendWasTold(received.poll(20, TimeUnit.SECONDS), MASKED_FRAME);
            client.close();
        }
    }

    private void awaitLeave() {
        try {
            assertThat(mayGoOn.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anotherProtocolIsClosedWithoutAWord() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> greet(connection, "chess"));
                Pools pools = pools(backend);
                TestProxy proxy = proxy(pools);
                RawClient client = open(proxy, 1, "chess").get(0)) {
            client.write("e4");
            drain(pools);
            assertThat(client.readRest()).isEmpty();
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("e4");
        }
    }

    /** Begins a stop. */
    private static Future<Void> stop(TestProxy proxy) throws IOException {
        try (RawClient idle = new RawClient(proxy.port())) {
            // Known to the listener when it has answered something.
            idle.write("GET /proxy-health HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(idle.read().status()).isEqualTo(200);
            Future<Void> stopped = proxy.listener().stop();
            assertThat(idle.isClosedByPeer()).isTrue();
            return stopped;
        }
    }

    @Test
    void aListenerThatStopsTellsItsWebSocketsBeforeItCutsThem() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> greet(connection, "websocket"));
                Pools pools = pools(backend);
                TestProxy proxy = proxy(pools)) {
            List<RawClient> clients = open(proxy, 3, "websocket");
            List<CompletableFuture<String>> rests = readAll(clients);
            Future<Void> stopped = stop(proxy);
            // Of the five seconds of the stop, the window and one more for the goodbyes are left.
            pass(Duration.ofSeconds(2));
            Waiting.until("the first was told", () -> ended(rests) >= 1);
            assertThat(ended(rests)).isEqualTo(1);
            pass(WINDOW);
            for (CompletableFuture<String> rest : rests) {
                assertThat(rest.get(20, TimeUnit.SECONDS)).isEqualTo(RESTART);
            }
            Waiting.on(stopped);
        }
    }

    /** It was there before the hold, and is a tunnel only after the drain's deadline. */
    @Test
    void aTunnelThatOpensAfterTheDeadlineIsToldAtOnce() throws Exception {
        try (RawBackend backend = new RawBackend(this::greetLate);
                Pools pools = pools(backend);
                TestProxy proxy = proxy(pools)) {
            RawClient client = new RawClient(proxy.port());
            client.write(upgrade("websocket"));
            backend.nextRequest();
            assertThat(drain(pools).state()).isEqualTo(DrainState.TIMED_OUT);
            mayGoOn.countDown();
            assertThat(client.readHead()).startsWith("HTTP/1.1 101");
            assertThat(client.readRest()).isEqualTo(RESTART);
            assertThatBackendWasTold(received.poll(20, TimeUnit.SECONDS), "");
            client.close();
            Waiting.until("drained", () -> proxy.backend("b1").inFlight() == 0);
        }
    }

    private void greetLate(RawBackend.Connection connection) throws IOException {
        connection.readRequest();
        if (connection.number == 1) {
            awaitLeave();
        }
        connection.write(switching("websocket"));
        received.add(readAll(connection.in()));
    }

    @Test
    void aTunnelThatOpensWhileAListenerStopsIsToldAtOnce() throws Exception {
        try (RawBackend backend = new RawBackend(this::greetLate);
                Pools pools = pools(backend);
                TestProxy proxy = proxy(pools, Duration.ZERO)) {
            RawClient late = new RawClient(proxy.port());
            RawClient early = new RawClient(proxy.port());
            late.write(upgrade("websocket"));
            backend.nextRequest();
            early.write(upgrade("websocket"));
            assertThat(early.readHead()).startsWith("HTTP/1.1 101");
            Future<Void> stopped = stop(proxy);
            pass(Duration.ofSeconds(4));
            assertThat(early.readRest()).isEqualTo(RESTART);
            early.close();
            mayGoOn.countDown();
            assertThat(late.readHead()).startsWith("HTTP/1.1 101");
            assertThat(late.readRest()).isEqualTo(RESTART);
            late.close();
            Waiting.on(stopped);
        }
    }

    /** @param listener another cipher than the usual ones has the JDK speak in the place of BoringSSL */
    @ParameterizedTest(name = "{0}, backend with TLS: {1}")
    @CsvSource({"usual,false", "usual,true", "'ciphers: [TLS_AES_256_GCM_SHA384]',false"})
    void overTlsBothEndsAreToldToo(String listener, boolean tlsToBackend, @TempDir Path folder) throws Exception {
        TestAuthority authority = new TestAuthority(folder);
        TestAuthority.Issued issued = authority.issue("-1d", 30, "127.0.0.1");
        BackendTls tls = new BackendTls("test", BackendTlsSettings.defaults().withCa(authority.file()), false);
        tls.load();
        BackendTransport transport = new BackendTransport(tlsToBackend ? tls : null, false);
        RawBackend.Script greeting = connection -> greet(connection, "websocket");
        String lines = TestSettings.tls(listener.equals("usual") ? "" : listener, issued.files());
        try (RawBackend backend = tlsToBackend
                        ? new RawBackend(greeting, new TlsServerSocket(issued.server()))
                        : new RawBackend(greeting);
                Pools pools = pools(backend);
                TestProxy proxy = TestProxy.over(
                        transport,
                        pools.pool("test").orElseThrow(),
                        TestSettings.listener("tunnel-close-window: 0s", lines),
                        ROUTE)) {
            SSLSocket socket = (SSLSocket) issued.server()
                    .getSocketFactory()
                    .createSocket(
                            InetAddress.getLoopbackAddress(), proxy.listener().tlsPort());
            RawClient client = new RawClient(socket);
            client.write(upgrade("websocket"));
            assertThat(client.readHead()).startsWith("HTTP/1.1 101");
            assertThat(client.in().readNBytes(HELLO.length())).isEqualTo(octets(HELLO));
            client.write(MASKED_FRAME);
            assertThat(drain(pools).state()).isEqualTo(DrainState.TIMED_OUT);
            assertThat(client.readRest()).isEqualTo(RESTART);
            client.close();
            String told = received.poll(20, TimeUnit.SECONDS);
            assertThatBackendWasTold(told, MASKED_FRAME);
            Waiting.until("drained", () -> proxy.backend("b1").inFlight() == 0);
            Waiting.until("closed", () -> proxy.listener().connections() == 0 && backend.open() == 0);
        }
    }
}
