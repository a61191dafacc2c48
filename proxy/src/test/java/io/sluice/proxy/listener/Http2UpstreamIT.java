package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.health.HealthChecker;
import io.sluice.proxy.health.HealthObserver;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.tls.BackendTls;
import io.sluice.proxy.tls.BackendTlsSettings;
import io.sluice.proxy.tls.BackendTransport;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 to backends, which are spoken to and answer frame by frame. */
class Http2UpstreamIT {
    private static final BackendTransport CLEAR = new BackendTransport(null, true);
    private static final RouteSettings ROUTE = TestSettings.route();
    private static final String GET = "GET /x?y=1 HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";
    /** The proxy's first stream on a connection. */
    private static final int FIRST = 3;

    private static final int REFUSED = (int) Http2Error.REFUSED_STREAM.code();

    private interface Script {
        void run(Http2Client peer) throws IOException;
    }

    private final BlockingQueue<Http2Client.Frame> heads = new LinkedBlockingQueue<>();

    private static RawBackend backend(int maxStreams, Script script) {
        return new RawBackend(connection -> script.run(Http2Client.serving(connection.socket(), maxStreams)));
    }

    private static TestProxy proxy(RawBackend... backends) {
        return TestProxy.over(
                CLEAR,
                TestSettings.listener("http2: true"),
                TestSettings.route("max-body: 1GiB", "upgrade: true"),
                backends);
    }

    /** Answers each request with 200 and these bytes, once it is complete. */
    private Script answering(String body) {
        return peer -> {
            Http2Client.Frame frame = peer.next();
            while (!frame.isEnd()) {
                if (frame.type() == Http2Client.HEADERS && frame.headers().method() != null) {
                    heads.add(frame);
                }
                if (frame.endsStream()) {
                    peer.headers(frame.stream(), false, ":status", "200", "x-answer", "Yes");
                    peer.data(frame.stream(), true, body);
                }
                frame = peer.next();
            }
        };
    }

    @Test
    void requestsShareAConnection() throws Exception {
        try (RawBackend backend = backend(100, answering("hello"));
                TestProxy proxy = proxy(backend)) {
            for (int i = 0; i < 3; i++) {
                RawClient.Response response = RawClient.call(proxy.port(), GET);
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.body()).isEqualTo("hello");
                assertThat(response.header("x-answer")).isEqualTo("Yes");
                assertThat(heads.take().stream()).isEqualTo(FIRST + 2 * i);
            }
            assertThat(backend.accepted()).isEqualTo(1);
        }
    }

    @Test
    void headsArriveAsHttp2HasThem() throws Exception {
        try (RawBackend backend = backend(100, answering("hello"));
                TestProxy proxy = proxy(backend)) {
            RawClient.call(
                    proxy.port(),
                    RawClient.head(
                            "GET /x?y=1 HTTP/1.1",
                            "Host: h:1",
                            "X-Upper: V\u00e9 1",
                            "Connection: keep-alive, X-Own, Upgrade",
                            "Upgrade: x",
                            "X-Own: 1",
                            "TE: gzip",
                            "Keep-Alive: 1"));
            Http2Client.Frame head = heads.take();
            assertThat(head.endsStream()).isTrue();
            assertThat(head.headers().method()).hasToString("GET");
            assertThat(head.headers().scheme()).hasToString("http");
            assertThat(head.headers().authority()).hasToString("h:1");
            assertThat(head.headers().path()).hasToString("/x?y=1");
            assertThat(head.headers().get("x-upper")).hasToString("V\u00e9 1");
            assertThat(head.headers().get("x-forwarded-for")).hasToString("127.0.0.1");
            assertThat(head.headers().get("te")).hasToString("trailers");
            for (String gone : List.of("host", "connection", "upgrade", "x-own", "keep-alive", "transfer-encoding")) {
                assertThat(head.headers().contains(gone)).as(gone).isFalse();
            }
        }
    }

    @Test
    void bodiesTrailersAndInterimResponsesPassBothWays() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Script script = peer -> {
            Http2Client.Frame head = peer.until(frame -> frame.type() == Http2Client.HEADERS);
            peer.headers(head.stream(), false, ":status", "103", "link", "</a.css>");
            StringBuilder body = new StringBuilder();
            Http2Client.Frame frame = peer.next();
            while (frame.type() != Http2Client.HEADERS) {
                body.append(frame.type() == Http2Client.DATA ? frame.text() : "");
                frame = peer.next();
            }
            seen.add(body + " " + frame.headers().get("x-sum"));
            peer.headers(head.stream(), false, ":status", "201", "trailer", "x-out");
            peer.data(head.stream(), false, "ok");
            peer.headers(head.stream(), true, "x-out", "7", "content-length", "9");
            peer.next();
        };
        try (RawBackend backend = backend(100, script);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1);
            client.data(1, false, "abc");
            client.data(1, false, "def");
            client.headers(1, true, "x-sum", "6");
            Http2Client.Frame hints = client.until(frame -> frame.type() == Http2Client.HEADERS);
            assertThat(hints.headers().status()).hasToString("103");
            assertThat(hints.headers().get("link")).hasToString("</a.css>");
            Http2Client.Response response = client.read(1);
            assertThat(response.status()).isEqualTo("201");
            assertThat(response.body()).isEqualTo("ok");
            assertThat(response.trailers().get("x-out")).hasToString("7");
            assertThat(response.trailers().contains("content-length")).isFalse();
            assertThat(seen.take()).isEqualTo("abcdef 6");
        }
    }

    @Test
    void largeBodiesPassBothWaysWithinTheirWindows() throws Exception {
        int size = 3_000_000;
        Script echo = peer -> {
            Http2Client.Frame head = peer.until(frame -> frame.type() == Http2Client.HEADERS);
            int got = 0;
            boolean last = false;
            while (!last) {
                Http2Client.Frame frame = peer.until(each -> each.type() == Http2Client.DATA);
                got += frame.payload().length;
                last = frame.endsStream();
                if (frame.payload().length > 0) {
                    peer.window(0, frame.payload().length);
                    peer.window(head.stream(), frame.payload().length);
                }
            }
            peer.headers(head.stream(), false, ":status", "200", "content-length", String.valueOf(got));
            peer.sendWithinWindow(head.stream(), got);
        };
        try (RawBackend backend = backend(100, echo);
                TestProxy proxy = proxy(backend);
                RawClient client = new RawClient(proxy.port())) {
            Thread writer = new Thread(() -> client.writeQuietly(
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size)));
            writer.start();
            RawClient.Response response = client.read();
            writer.join();
            assertThat(response.complete()).isTrue();
            assertThat(response.body()).hasSize(size);
        }
    }

    private record Arrived(Http2Client peer, int stream) {
        void answer() throws IOException {
            peer.headers(stream, true, ":status", "200");
        }
    }

    @Test
    void runningRequestsShareAConnectionUpToTheBackendsLimit() throws Exception {
        BlockingQueue<Arrived> arrivals = new LinkedBlockingQueue<>();
        Script script = peer -> {
            Http2Client.Frame frame = peer.next();
            while (!frame.isEnd()) {
                if (frame.type() == Http2Client.HEADERS) {
                    arrivals.add(new Arrived(peer, frame.stream()));
                }
                frame = peer.next();
            }
        };
        try (RawBackend backend = backend(2, script);
                TestProxy proxy = proxy(backend);
                RawClient one = new RawClient(proxy.port());
                RawClient two = new RawClient(proxy.port());
                RawClient three = new RawClient(proxy.port())) {
            one.write(GET);
            Arrived first = arrivals.poll(20, TimeUnit.SECONDS);
            two.write(GET);
            Arrived second = arrivals.poll(20, TimeUnit.SECONDS);
            three.write(GET);
            Arrived third = arrivals.poll(20, TimeUnit.SECONDS);
            assertThat(second.peer()).isSameAs(first.peer());
            assertThat(third.peer()).isNotSameAs(first.peer());
            third.answer();
            second.answer();
            first.answer();
            for (RawClient each : List.of(one, two, three)) {
                assertThat(each.read().status()).isEqualTo(200);
            }
            assertThat(backend.accepted()).isEqualTo(2);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IOException("nobody went on");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static Arguments fault(String what, Failure expected, Script script) {
        return Arguments.of(what, expected, script);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("reset", Failure.CLOSED_WITHOUT_RESPONSE, peer -> peer.reset(FIRST, 2)),
                fault("closed", Failure.CLOSED_WITHOUT_RESPONSE, Http2Client::close),
                fault("no status", Failure.INVALID_RESPONSE, peer -> peer.headers(FIRST, true, "x-a", "1")),
                fault("101", Failure.INVALID_RESPONSE, peer -> peer.headers(FIRST, false, ":status", "101")),
                fault("an interim end", Failure.INVALID_RESPONSE, peer -> peer.headers(FIRST, true, ":status", "103")),
                fault(
                        "a path",
                        Failure.INVALID_RESPONSE,
                        peer -> peer.headers(FIRST, true, ":status", "200", ":path", "/")),
                fault(
                        "CRLF",
                        Failure.INVALID_RESPONSE,
                        peer -> peer.headers(FIRST, true, ":status", "200", "a", "b\r\nc: d")),
                fault(
                        "upper case",
                        Failure.INVALID_RESPONSE,
                        peer -> peer.headers(FIRST, true, ":status", "200", "A", "b")),
                fault(
                        "a field of a connection",
                        Failure.INVALID_RESPONSE,
                        peer -> peer.headers(FIRST, true, ":status", "200", "transfer-encoding", "chunked")),
                fault(
                        "lengths",
                        Failure.INVALID_RESPONSE,
                        peer -> peer.headers(FIRST, true, ":status", "200", "content-length", "x")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void whatComesInsteadOfAResponseIsTold(String what, Failure expected, Script fault) throws Exception {
        Script script = peer -> {
            peer.until(Http2Client.Frame::endsStream);
            fault.run(peer);
            peer.untilEnd();
        };
        try (RawBackend bad = backend(100, script);
                TestProxy proxy = proxy(bad)) {
            assertThat(RawClient.call(proxy.port(), POST).status()).as(what).isEqualTo(expected.status());
            assertThat(proxy.nextExchange().attemptFailures()).containsOnly("b1:" + expected.label());
        }
    }

    /** The backend has not looked at it, so it may be sent again whatever its method. */
    @ParameterizedTest(name = "leaving={0}")
    @ValueSource(booleans = {false, true})
    void aRefusedRequestGoesElsewhere(boolean leaving) throws Exception {
        Script refusing = peer -> {
            Http2Client.Frame frame = peer.until(Http2Client.Frame::endsStream);
            while (!frame.isEnd()) {
                if (frame.endsStream() && leaving) {
                    peer.frame(Http2Client.GOAWAY, 0, 0, new byte[8]);
                } else if (frame.endsStream()) {
                    peer.reset(frame.stream(), REFUSED);
                }
                frame = peer.next();
            }
        };
        try (RawBackend first = backend(100, refusing);
                RawBackend second = backend(100, answering("good"))) {
            try (TestProxy proxy = proxy(first, second)) {
                for (int i = 0; i < 2; i++) {
                    assertThat(RawClient.call(proxy.port(), POST).body()).isEqualTo("good");
                }
                assertThat(List.of(proxy.nextExchange(), proxy.nextExchange()))
                        .extracting(TestProxy.Seen::attemptFailures)
                        .contains(List.of("b1:stream_refused", "b2:200"));
                assertThat(proxy.passive).isEmpty();
            }
            try (TestProxy proxy = proxy(first)) {
                assertThat(RawClient.call(proxy.port(), POST).status()).isEqualTo(503);
                assertThat(proxy.nextExchange().attemptFailures()).containsOnly("b1:stream_refused");
            }
        }
    }

    @Test
    void aResponseThatIsResetIsCut() throws Exception {
        Script script = peer -> {
            peer.until(Http2Client.Frame::endsStream);
            peer.headers(FIRST, false, ":status", "200");
            peer.data(FIRST, false, "hel");
            peer.reset(FIRST, 2);
            peer.untilEnd();
        };
        try (RawBackend backend = backend(100, script);
                TestProxy proxy = proxy(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(GET);
            RawClient.Response response = client.read();
            assertThat(response.complete()).isFalse();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.RESPONSE_CUT);
        }
    }

    @Test
    void aClientThatLeavesResetsItsStreamAlone() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();
        Script script = peer -> {
            peer.until(Http2Client.Frame::endsStream);
            arrived.countDown();
            codes.add(
                    peer.until(frame -> frame.type() == Http2Client.RST_STREAM).code());
            Http2Client.Frame next = peer.until(Http2Client.Frame::endsStream);
            peer.headers(next.stream(), true, ":status", "204");
            peer.untilEnd();
        };
        try (RawBackend backend = backend(100, script);
                TestProxy proxy = proxy(backend)) {
            RawClient client = new RawClient(proxy.port());
            client.write(GET);
            await(arrived);
            client.close();
            assertThat(codes.poll(20, TimeUnit.SECONDS)).isEqualTo((int) Http2Error.CANCEL.code());
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(204);
        }
    }

    @Test
    void aBackendThatSpeaksHttp1OnlyIsNoBackend() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n");
                });
                TestProxy proxy = proxy(backend)) {
            assertThat(RawClient.call(proxy.port(), POST).status()).isEqualTo(502);
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CONNECT_FAILED);
        }
    }

    @Test
    void aBackendThatAllowsNoRequestsIsNoBackend() throws Exception {
        try (RawBackend backend = backend(0, Http2Client::untilEnd);
                TestProxy proxy = proxy(backend)) {
            assertThat(RawClient.call(proxy.port(), POST).status()).isEqualTo(502);
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CONNECT_FAILED);
        }
    }

    @Test
    void aConnectionThatEndsTakesItsRequestsAlong() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        Script leaving = peer -> {
            peer.until(Http2Client.Frame::endsStream);
            arrived.countDown();
        };
        try (RawBackend first = backend(100, leaving);
                RawBackend second = backend(100, answering("good"));
                TestProxy proxy = proxy(first, second)) {
            for (int i = 0; i < 2; i++) {
                assertThat(RawClient.call(proxy.port(), GET).body()).isEqualTo("good");
            }
            await(arrived);
            assertThat(List.of(proxy.nextExchange(), proxy.nextExchange()))
                    .extracting(TestProxy.Seen::attemptFailures)
                    .contains(List.of("b1:closed_without_response", "b2:200"));
        }
    }

    @Test
    void overTlsItIsAgreedOnInTheHandshake(@TempDir Path folder) throws Exception {
        TestAuthority authority = new TestAuthority(folder);
        TestAuthority.Issued issued = authority.issue("-1d", 30, "127.0.0.1");
        BackendTls tls = new BackendTls("test", BackendTlsSettings.defaults().withCa(authority.file()), true);
        tls.load();
        BackendTransport secure = new BackendTransport(tls, true);
        TlsServerSocket both = new TlsServerSocket(issued.server(), socket -> {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
        });
        ListenerSettings settings = TestSettings.listener();
        RawBackend.Script script = connection -> answering("safe").run(Http2Client.serving(connection.socket(), 100));
        try (RawBackend backend = new RawBackend(script, both);
                TestProxy proxy = TestProxy.over(secure, settings, ROUTE, backend)) {
            assertThat(RawClient.call(proxy.port(), GET).body()).isEqualTo("safe");
            assertThat(heads.take().headers().scheme()).hasToString("https");
        }
        try (RawBackend backend = new RawBackend(script, new TlsServerSocket(issued.server()));
                TestProxy proxy = TestProxy.over(secure, settings, ROUTE, backend)) {
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(502);
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CONNECT_FAILED);
        }
    }

    @Test
    void healthChecksSpeakIt() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (RawBackend backend = backend(100, answering("well"))) {
            BackendPool pool = TestProxy.fixedPool(backend);
            HealthChecker checker = new HealthChecker(
                    vertx,
                    pool,
                    TestSettings.health("path: /health", "interval: 100ms").probes(),
                    CLEAR,
                    new HealthObserver() {},
                    Clock.systemUTC(),
                    System::nanoTime);
            Waiting.on(checker.start());
            Waiting.until(
                    "up",
                    () -> pool.snapshot()
                                    .backend("b1")
                                    .orElseThrow()
                                    .observation()
                                    .health()
                            == Health.UP);
            assertThat(heads.take().headers().path()).hasToString("/health");
            Waiting.on(checker.stop());
        } finally {
            Waiting.on(vertx.close());
        }
    }
}
