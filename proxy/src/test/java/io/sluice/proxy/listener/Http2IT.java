package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.route.RouteSettings;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 to the client, HTTP/1.1 to the backend. */
class Http2IT {
    private static final RouteSettings ROUTE = TestSettings.route();
    private static final String[] GET = {":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/"};

    private static ListenerSettings settings() {
        return TestSettings.listener("http2: true");
    }

    /** What a connection was closed with can be lost when the other end has not read all that it was flooded with. */
    private static final int LOST = -1;

    private static TestProxy proxy(RawBackend backend) {
        return new TestProxy(TestProxy.fixedPool(backend), settings(), TestSettings.route("upgrade: true"));
    }

    private static String[] with(String... more) {
        return Stream.concat(Stream.of(GET), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void requestsAndResponsesPass() throws Exception {
        RawBackend.Script script = connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(201, "hello", "X-Answer: Yes", "Keep-Alive: timeout=9", "Connection: keep-alive");
            }
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.get(1, "/one?q=1");
            Http2Client.Response one = client.read(1);
            assertThat(one.status()).isEqualTo("201");
            assertThat(one.body()).isEqualTo("hello");
            assertThat(one.header("x-answer")).isEqualTo("Yes");
            assertThat(one.headers().contains("keep-alive")).isFalse();
            assertThat(one.headers().contains("connection")).isFalse();
            assertThat(one.headers().contains("X-Answer")).isFalse();
            client.headers(3, true, with("x-b", "\u00e4", "cookie", "a=1", "cookie", "b=2", "te", "trailers"));
            assertThat(client.read(3).status()).isEqualTo("201");
            assertThat(backend.nextRequest())
                    .startsWith("GET /one?q=1 HTTP/1.1\r\nHost: a.test\r\n")
                    .contains("Via: 2.0 sluice\r\n");
            assertThat(backend.nextRequest())
                    .contains("\r\nx-b: \u00e4\r\n", "\r\ncookie: a=1; b=2\r\n")
                    .doesNotContainIgnoringCase("\r\nte:")
                    .containsOnlyOnce("\r\nHost: ");
            assertThat(proxy.nextExchange().status()).isEqualTo(201);
        }
    }

    @Test
    void aRequestHasNothingOfThoseBeforeItOrBesideIt() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.headers(1, true, with("x-first", "1", "x-large", "y".repeat(5_000)));
            assertThat(client.read(1).status()).isEqualTo("200");
            assertThat(backend.nextRequest()).contains("\r\nx-first: 1\r\n");
            client.headers(3, false, with("x-second", "2", "content-length", "1"));
            client.headers(5, true, with("x-third", "3"));
            assertThat(client.read(5).status()).isEqualTo("200");
            assertThat(backend.nextRequest())
                    .contains("\r\nx-third: 3\r\n")
                    .doesNotContain("x-first", "x-large", "x-second");
            client.data(3, true, "b");
            assertThat(client.read(3).status()).isEqualTo("200");
            assertThat(backend.nextRequest())
                    .contains("\r\nx-second: 2\r\n")
                    .doesNotContain("x-first", "x-large", "x-third");
        }
    }

    @Test
    void aBodyWithoutALengthGoesOnInChunksWithItsTrailers() throws Exception {
        BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
        RawBackend.Script echo = connection -> {
            connection.readHead();
            StringBuilder body = new StringBuilder();
            while (!body.toString().endsWith("\r\n\r\n")) {
                body.append(connection.read(1));
            }
            bodies.add(body.toString());
            connection.write(RawClient.head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-Out"));
            connection.write(RawClient.head("2", "ok", "0", "X-Out: 7", "Content-Length: 9"));
        };
        try (RawBackend backend = new RawBackend(echo);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1);
            client.data(1, false, "abc");
            client.data(1, false, "def");
            client.headers(1, true, "x-sum", "6");
            Http2Client.Response response = client.read(1);
            assertThat(response.body()).isEqualTo("ok");
            assertThat(response.trailers().get("x-out")).hasToString("7");
            assertThat(response.trailers().contains("content-length")).isFalse();
            assertThat(backend.heads.take()).contains("Transfer-Encoding: chunked\r\n");
            assertThat(bodies.take()).contains("abc", "def").endsWith("0\r\nx-sum: 6\r\n\r\n");
        }
    }

    @Test
    void responsesWithoutABodyEndWithTheirHead() throws Exception {
        RawBackend.Script script = connection -> {
            String head = connection.readRequest();
            while (!head.isEmpty()) {
                if (head.startsWith("HEAD")) {
                    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
                } else {
                    connection.write("HTTP/1.1 " + head.substring(5, 8) + " X\r\n\r\n");
                }
                head = connection.readRequest();
            }
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.headers(1, true, ":method", "HEAD", ":scheme", "http", ":authority", "a.test", ":path", "/");
            Http2Client.Frame head = client.until(frame -> frame.type() == Http2Client.HEADERS);
            assertThat(head.endsStream()).isTrue();
            assertThat(head.headers().get("content-length")).hasToString("77");
            for (int stream = 3; stream <= 5; stream += 2) {
                client.get(stream, stream == 3 ? "/204" : "/304");
                Http2Client.Frame bare = client.until(frame -> frame.type() == Http2Client.HEADERS);
                assertThat(bare.endsStream()).isTrue();
                assertThat(bare.headers().status()).hasToString(stream == 3 ? "204" : "304");
            }
        }
    }

    @Test
    void interimResponsesPass() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
            connection.respond(200, "ok");
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1, "expect", "100-continue", "content-length", "2");
            assertThat(client.until(frame -> frame.type() == Http2Client.HEADERS)
                            .headers()
                            .status())
                    .hasToString("100");
            client.data(1, true, "hi");
            Http2Client.Frame hints = client.until(frame -> frame.type() == Http2Client.HEADERS);
            assertThat(hints.headers().status()).hasToString("103");
            assertThat(hints.headers().get("link")).hasToString("</a.css>");
            Http2Client.Response last = client.read(1);
            assertThat(last.status() + last.body()).isEqualTo("200ok");
        }
    }

    static List<Arguments> malformed() {
        List<Arguments> all = new ArrayList<>();
        String[][] added = {
            {"connection", "close"},
            {"connection", "x-forwarded-for"},
            {"keep-alive", "timeout=1"},
            {"proxy-connection", "keep-alive"},
            {"transfer-encoding", "chunked"},
            {"upgrade", "websocket"},
            {"http2-settings", "AAMAAABkAAQAAP__"},
            {"te", "gzip"},
            {"X-Upper", "a"},
            {"x y", "a"},
            {"x:y", "a"},
            {"", "a"},
            {"x-a", "b\r\nx-evil: 1"},
            {"x-a", "b\nc"},
            {"x-a", "b\0c"},
            {"x-a", " b"},
            {"x-a", "b\t"},
            {"x-a\r\nx-evil", "1"},
            {"cookie", "a\r\nb"},
            {"host", "other.test"},
            {":path", "/again"},
            {"content-length", "5"},
            {"trailer", "x", ":authority", "a.test"},
            {":unknown", "x"},
            {":status", "200"},
        };
        for (String[] each : added) {
            all.add(Arguments.of(String.join("=", each), with(each)));
        }
        String[][] whole = {
            {":method", "GET", ":scheme", "http", ":authority", "a.test"},
            {":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", ""},
            {":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "x"},
            {":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "http://b.test/"},
            {":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/a b"},
            {":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/ HTTP/1.1\r\nx: y"},
            {":method", "GET", ":scheme", "http", ":authority", "a\r\nb", ":path", "/"},
            {":method", "GET", ":authority", "a.test", ":path", "/"},
            {":method", "GET", ":scheme", "ftp", ":authority", "a.test", ":path", "/"},
            {":scheme", "http", ":authority", "a.test", ":path", "/"},
            {":method", "GET", ":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/"},
            {":method", "GET", ":scheme", "http", ":authority", "a.test", ":authority", "a.test", ":path", "/"},
        };
        for (String[] each : whole) {
            all.add(Arguments.of(String.join("|", each), each));
        }
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void aMalformedRequestIsAnErrorOfItsStreamAndReachesNobody(String name, String[] fields) throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.headers(1, true, fields);
            Http2Client.Response refused = client.read(1);
            assertThat(refused.resetCode()).as(name).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
            assertThat(refused.headers()).isEmpty();
            client.get(3, "/after");
            assertThat(client.read(3).body()).isEqualTo("ok");
            assertThat(backend.nextRequest()).startsWith("GET /after ");
        }
    }

    static List<Arguments> refused() {
        return List.of(
                Arguments.of(400, new String[] {":method", "GET", ":scheme", "http", ":path", "/"}),
                Arguments.of(400, new String[] {":method", "get", ":scheme", "http", ":authority", "a", ":path", "/"}),
                Arguments.of(
                        400,
                        new String[] {":method", "GET", ":scheme", "http", ":authority", "u@a.test", ":path", "/"}),
                Arguments.of(
                        400,
                        new String[] {":method", "GET", ":scheme", "http", ":path", "/", "host", "a", "host", "b"}),
                Arguments.of(405, new String[] {":method", "CONNECT", ":authority", "a.test:443"}),
                Arguments.of(417, with("expect", "more")),
                Arguments.of(414, new String[] {
                    ":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/" + "x".repeat(9000)
                }),
                Arguments.of(431, with("x-large", "y".repeat(42_000))),
                Arguments.of(431, with(Stream.generate(() -> "x").limit(500).toArray(String[]::new))));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("refused")
    void whatCannotBeForwardedIsAnswered(int status, String[] fields) throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            byte[] block = Http2Client.fields(fields);
            int first = Math.min(block.length, 16_000);
            client.frame(
                    Http2Client.HEADERS,
                    Http2Client.END_STREAM | (first == block.length ? Http2Client.END_HEADERS : 0),
                    1,
                    Arrays.copyOf(block, first));
            for (int from = first; from < block.length; from += 16_000) {
                int to = Math.min(block.length, from + 16_000);
                client.frame(
                        Http2Client.CONTINUATION,
                        to == block.length ? Http2Client.END_HEADERS : 0,
                        1,
                        Arrays.copyOfRange(block, from, to));
            }
            assertThat(client.read(1).status()).isEqualTo(String.valueOf(status));
            client.get(3, "/after");
            assertThat(client.read(3).body()).isEqualTo("ok");
            assertThat(backend.nextRequest()).startsWith("GET /after ");
        }
    }

    @Test
    void aBodyThatIsNotAsLongAsItSaysIsCut() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1, "content-length", "5");
            client.data(1, true, "abc");
            assertThat(client.read(1).resetCode()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
            client.post(3, "content-length", "2");
            client.data(3, true, "abc");
            assertThat(client.read(3).resetCode()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
            client.get(5, "/after");
            assertThat(client.read(5).body()).isEqualTo("ok");
            assertThat(backend.nextRequest()).startsWith("GET /after ");
        }
    }

    @Test
    void aBodyThatComesTooSlowlyIsAnswered() throws Exception {
        ListenerSettings strict =
                TestSettings.listener("http2: true", "min-body-rate: 1000", "min-body-rate-grace: 100ms");
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), strict, ROUTE);
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1, "content-length", "2000");
            client.data(1, false, "abc");
            assertThat(client.read(1).status()).isEqualTo("408");
            client.get(3, "/after");
            assertThat(client.read(3).body()).isEqualTo("ok");
        }
    }

    @Test
    void aBodyThatIsTooLargeIsAnsweredAndTheStreamEnds() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy =
                        new TestProxy(TestProxy.fixedPool(backend), settings(), TestSettings.route("max-body: 1000"));
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1, "content-length", "2000");
            assertThat(client.read(1).status()).isEqualTo("413");
            client.get(3, "/after");
            assertThat(client.read(3).body()).isEqualTo("ok");
        }
    }

    /** The rest of the upload is refused only when the client has taken the response, however little of it its window allows at a time. */
    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 5, 65_535, 70_000})
    void anEarlyAnswerArrivesWholeBeforeTheRestOfTheUploadIsRefused(int size) throws Exception {
        String answer = "0123456789".repeat(size / 10 + 1).substring(0, size);
        RawBackend.Script early = connection -> {
            connection.readHead();
            connection.respond(403, answer);
            connection.readHead();
        };
        try (RawBackend backend = new RawBackend(early);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1);
            client.data(1, false, "abc");
            assertThat(proxy.nextExchange().status()).isEqualTo(403);
            Http2Client.Response refused = client.read(1);
            assertThat(refused.status()).isEqualTo("403");
            assertThat(refused.body()).hasSameSizeAs(answer);
            Http2Client.Frame reset = client.until(frame -> frame.type() == Http2Client.RST_STREAM);
            assertThat(reset.code()).isEqualTo((int) Http2Error.NO_ERROR.code());
        }
    }

    @Test
    void aResponseThatIsCutResetsItsStreamAlone() throws Exception {
        RawBackend.Script cut = connection -> {
            String head = connection.readRequest();
            if (head.startsWith("GET /cut")) {
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                connection.reset();
            } else {
                connection.respond(200, "ok");
            }
        };
        try (RawBackend backend = new RawBackend(cut);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.get(1, "/cut");
            assertThat(client.read(1).resetCode()).isEqualTo((int) Http2Error.INTERNAL_ERROR.code());
            client.get(3, "/");
            assertThat(client.read(3).body()).isEqualTo("ok");
        }
    }

    @Test
    void aResponseWhoseHeadTheClientDoesNotTakeResetsItsStreamAlone() throws Exception {
        RawBackend.Script large = connection -> {
            String head = connection.readRequest();
            while (!head.isEmpty()) {
                connection.respond(200, "ok", head.startsWith("GET /large") ? "X-A: " + "a".repeat(2000) : "X-A: a");
                head = connection.readRequest();
            }
        };
        try (RawBackend backend = new RawBackend(large);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            // SETTINGS_MAX_HEADER_LIST_SIZE is 1000.
            client.frame(Http2Client.SETTINGS, 0, 0, new byte[] {0, 6, 0, 0, 3, (byte) 0xe8});
            client.get(1, "/large");
            assertThat(client.read(1).resetCode()).isNotEqualTo((int) Http2Error.NO_ERROR.code());
            client.get(3, "/");
            assertThat(client.read(3).body()).isEqualTo("ok");
        }
    }

    @Test
    void aStreamThatTheClientResetsEndsItsAttempt() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        RawBackend.Script waits = connection -> {
            connection.readRequest();
            arrived.countDown();
            if (connection.in().read() < 0) {
                left.countDown();
            }
        };
        try (RawBackend backend = new RawBackend(waits);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.get(1, "/");
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            client.reset(1, 8);
            assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
        }
    }

    @Test
    void aSlowReaderHoldsItsOwnStreamOnly() throws Exception {
        String large = "0123456789".repeat(100_000);
        RawBackend.Script script = connection -> {
            String head = connection.readRequest();
            while (!head.isEmpty()) {
                connection.respond(200, head.startsWith("GET /large") ? large : "small");
                head = connection.readRequest();
            }
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.window(0, 10_000_000);
            client.get(1, "/large");
            int got = 0;
            while (got < 65_535) {
                got += client.until(frame -> frame.type() == Http2Client.DATA).payload().length;
            }
            client.get(3, "/small");
            assertThat(client.read(3).body()).isEqualTo("small");
            client.window(1, 2_000_000);
            Http2Client.Frame frame = client.until(each -> each.type() == Http2Client.DATA);
            got += frame.payload().length;
            while (!frame.endsStream()) {
                frame = client.until(each -> each.type() == Http2Client.DATA);
                got += frame.payload().length;
            }
            assertThat(got).isEqualTo(large.length());
        }
    }

    @Test
    void aSlowBackendStopsTheUploadOfItsStreamOnly() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        RawBackend.Script script = connection -> {
            String head = connection.readHead();
            if (head.startsWith("GET")) {
                connection.respond(200, "small");
                return;
            }
            await(goOn);
            connection.read(RawBackend.contentLength(head));
            connection.respond(200, "all");
        };
        int total = 40_000_000;
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy =
                        new TestProxy(TestProxy.fixedPool(backend), settings(), TestSettings.route("max-body: 1GiB"));
                Http2Client client = new Http2Client(proxy.port())) {
            String part = "x".repeat(16_000);
            client.post(1, "content-length", String.valueOf(total));
            long credit = 65_536;
            long connectionCredit = 1_048_576;
            int sent = 0;
            boolean stopped = false;
            while (sent < total) {
                while (sent < total && credit >= part.length() && connectionCredit >= part.length()) {
                    client.data(1, sent + part.length() == total, part);
                    sent += part.length();
                    credit -= part.length();
                    connectionCredit -= part.length();
                }
                if (sent == total) {
                    break;
                }
                if (!stopped) {
                    // Answered behind all that was granted: then no more comes by itself until the backend reads, or it
                    // will come later.
                    client.frame(Http2Client.PING, 0, 0, new byte[8]);
                }
                Http2Client.Frame frame = client.until(each -> each.type() == Http2Client.WINDOW_UPDATE
                        || each.type() == Http2Client.PING
                        || (each.stream() == 3 && each.endsStream()));
                if (frame.type() == Http2Client.WINDOW_UPDATE && frame.stream() == 1) {
                    credit += frame.code();
                } else if (frame.type() == Http2Client.WINDOW_UPDATE) {
                    connectionCredit += frame.code();
                } else if (frame.type() == Http2Client.PING && !stopped && sent > 1_000_000) {
                    stopped = true;
                    client.get(3, "/small");
                } else if (frame.stream() == 3) {
                    goOn.countDown();
                }
            }
            assertThat(stopped).isTrue();
            assertThat(client.read(1).body()).isEqualTo("all");
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

    @Test
    void manyStreamsRunAtOnce() throws Exception {
        RawBackend.Script echo = connection -> {
            String head = connection.readRequest();
            while (!head.isEmpty()) {
                connection.respond(200, head.split(" ", 3)[1]);
                head = connection.readRequest();
            }
        };
        try (RawBackend backend = new RawBackend(echo);
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            for (int stream = 1; stream < 200; stream += 2) {
                client.get(stream, "/" + stream);
            }
            int ended = 0;
            while (ended < 100) {
                Http2Client.Frame frame = client.until(each -> each.type() == Http2Client.DATA);
                assertThat(frame.text()).isEqualTo("/" + frame.stream());
                ended++;
            }
        }
    }

    // Floods.

    @Test
    void streamsThatAreOpenedAndResetOverAndOverEndTheConnection() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (RawBackend backend = new RawBackend(connection -> await(over));
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            flood(() -> {
                for (int stream = 1; stream < 2000; stream += 2) {
                    client.get(stream, "/");
                    client.reset(stream, 8);
                }
            });
            assertThat(client.goAwayCode()).isIn((int) Http2Error.ENHANCE_YOUR_CALM.code(), LOST);
            over.countDown();
        }
    }

    @ParameterizedTest(name = "frame type {0}")
    @ValueSource(ints = {Http2Client.PING, Http2Client.SETTINGS, Http2Client.PRIORITY, Http2Client.DATA, 0xee})
    void framesThatOnlyCostWorkEndTheConnection(int type) throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.post(1);
            int stream = type == Http2Client.DATA || type == Http2Client.PRIORITY ? 1 : 0;
            byte[] payload = new byte[type == Http2Client.PING ? 8 : type == Http2Client.PRIORITY ? 5 : 0];
            flood(() -> {
                for (int i = 0; i < 5000; i++) {
                    client.frame(type, 0, stream, payload);
                }
            });
            assertThat(client.goAwayCode()).isIn((int) Http2Error.ENHANCE_YOUR_CALM.code(), LOST);
        }
    }

    @Test
    void aHeadThatGoesOnForeverEndsTheConnection() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.frame(Http2Client.HEADERS, 0, 1, Http2Client.fields(GET));
            flood(() -> {
                for (int i = 0; i < 5000; i++) {
                    client.frame(Http2Client.CONTINUATION, 0, 1, new byte[0]);
                }
            });
            assertThat(client.goAwayCode()).isIn((int) Http2Error.ENHANCE_YOUR_CALM.code(), LOST);
            assertThat(backend.accepted()).isZero();
        }
    }

    private interface Flood {
        void run() throws IOException;
    }

    /** Goes on until the other end has had enough. */
    private static void flood(Flood flood) {
        try {
            flood.run();
        } catch (IOException closed) {
            // As it should be.
        }
    }

    @Test
    void moreStreamsThanAllowedAreRefusedAsStreams() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (RawBackend backend = new RawBackend(connection -> await(over));
                TestProxy proxy = proxy(backend);
                Http2Client client = new Http2Client(proxy.port())) {
            client.until(frame -> frame.type() == Http2Client.SETTINGS);
            for (int stream = 1; stream <= 201; stream += 2) {
                client.get(stream, "/");
            }
            Http2Client.Frame refused = client.until(frame -> frame.type() == Http2Client.RST_STREAM);
            assertThat(refused.stream()).isEqualTo(201);
            assertThat(refused.code()).isEqualTo((int) Http2Error.REFUSED_STREAM.code());
            over.countDown();
        }
    }

    @Test
    void aConnectionIsClosedWhenNothingRunsOnItForLong() throws Exception {
        ListenerSettings hasty =
                TestSettings.listener("http2: true", "head-timeout: 300ms", "keep-alive-timeout: 300ms");
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), hasty, ROUTE);
                Http2Client silent = new Http2Client(proxy.port());
                Http2Client client = new Http2Client(proxy.port())) {
            client.get(1, "/");
            assertThat(client.read(1).body()).isEqualTo("ok");
            assertThat(client.goAwayCode()).isZero();
            assertThat(silent.goAwayCode()).isZero();
            Waiting.until("closed", () -> proxy.listener().connections() == 0);
        }
    }

    @Test
    void aStopAnnouncesItselfAndLetsStreamsFinish() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        RawBackend.Script slow = connection -> {
            connection.readRequest();
            arrived.countDown();
            await(answer);
            connection.respond(200, "late");
        };
        try (RawBackend backend = new RawBackend(slow);
                TestProxy proxy = proxy(backend);
                Http2Client idle = new Http2Client(proxy.port());
                Http2Client client = new Http2Client(proxy.port())) {
            client.get(1, "/");
            idle.until(frame -> frame.type() == Http2Client.SETTINGS);
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            Future<Void> stopping = proxy.listener().stop();
            assertThat(idle.goAwayCode()).isZero();
            assertThat(client.goAwayCode()).isZero();
            answer.countDown();
            assertThat(client.read(1).body()).isEqualTo("late");
            assertThat(client.next()).isEqualTo(Http2Client.END);
            Waiting.on(stopping);
        }
    }

    @Test
    void http1IsStillSpokenBesideIt() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend);
                RawClient slow = new RawClient(proxy.port())) {
            slow.write("P");
            slow.write("OST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nx");
            assertThat(slow.read().body()).isEqualTo("ok");
            assertThat(RawClient.call(proxy.port(), "PRI / HTTP/1.1\r\nHost: a.test\r\n\r\n")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void overTlsItIsAgreedOnInTheHandshake(@TempDir Path folder) throws Exception {
        TestCertificate own = TestCertificate.make(folder, "EC", "localhost");
        ListenerSettings settings = TestSettings.listener(TestSettings.tls("", own.writeTo(folder, "own")));
        try (RawBackend backend = RawBackend.answering("hello");
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), settings, ROUTE)) {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(TestCertificate.trusting(own))
                    .version(HttpClient.Version.HTTP_2)
                    .build();
            URI uri = URI.create("https://localhost:" + proxy.listener().tlsPort() + "/");
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .POST(HttpRequest.BodyPublishers.ofString("x".repeat(300_000)))
                    .build();
            List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                running.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
            }
            for (CompletableFuture<HttpResponse<String>> each : running) {
                assertThat(each.get(20, TimeUnit.SECONDS).body()).isEqualTo("hello");
                assertThat(each.get().version()).isEqualTo(HttpClient.Version.HTTP_2);
            }
            assertThat(backend.nextRequest()).contains("X-Forwarded-Proto: https\r\n");
            SSLSocket socket = (SSLSocket) TestCertificate.trusting(own)
                    .getSocketFactory()
                    .createSocket(
                            InetAddress.getLoopbackAddress(), proxy.listener().tlsPort());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            try (Http2Client raw = new Http2Client(socket)) {
                raw.headers(1, true, ":method", "GET", ":scheme", "https", ":authority", "localhost", ":path", "/");
                assertThat(raw.read(1).body()).isEqualTo("hello");
            }
        }
    }
}
