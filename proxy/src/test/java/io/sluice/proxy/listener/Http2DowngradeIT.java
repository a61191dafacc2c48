package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.sluice.proxy.TestSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From HTTP/2 to HTTP/1.1 (RFC 9113 §8): frames as they are on the client's side, bytes as they are on the backend's. Nothing that a stream carries
 * may become framing, another field or another request.
 */
class Http2DowngradeIT {
    private static final String TE = "Transfer-Encoding: chunked\r\n";
    private static final int PROTOCOL_ERROR = (int) Http2Error.PROTOCOL_ERROR.code();

    private static RawBackend backend;
    private static TestProxy proxy;

    /** What a client sends on one stream. */
    private record Sent(List<String> fields, List<String> parts, List<String> trailers) {
        static Sent head(String... fields) {
            return new Sent(List.of(fields), List.of(), List.of());
        }

        /** Each in a frame of its own; the last ends the stream, unless trailers do. */
        Sent parts(String... data) {
            return new Sent(fields, List.of(data), trailers);
        }

        Sent trailers(String... namesAndValues) {
            return new Sent(fields, parts, List.of(namesAndValues));
        }

        void to(Http2Client client, int stream) throws IOException {
            boolean bare = parts.isEmpty() && trailers.isEmpty();
            client.headers(stream, bare, fields.toArray(String[]::new));
            for (int i = 0; i < parts.size(); i++) {
                client.data(stream, i == parts.size() - 1 && trailers.isEmpty(), parts.get(i));
            }
            if (!trailers.isEmpty()) {
                client.headers(stream, true, trailers.toArray(String[]::new));
            }
        }
    }

    @BeforeAll
    static void start() {
        backend = new RawBackend(connection -> {
            while (!connection.readWire().isEmpty()) {
                connection.respond(200, "ok");
            }
        });
        ListenerSettings settings = TestSettings.listener("http2: true");
        proxy = new TestProxy(TestProxy.fixedPool(backend), settings, TestSettings.route("upgrade: true"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        backend.close();
    }

    @AfterEach
    void nothingIsLeftOver() {
        Waiting.until("lease returned", () -> proxy.backend("b1").inFlight() == 0);
        backend.wire.clear();
    }

    private static Sent request(String method, String path, String... more) {
        return of(new String[] {":method", method, ":scheme", "http", ":authority", "a.test", ":path", path}, more);
    }

    private static Sent of(String[] first, String... more) {
        return Sent.head(Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new));
    }

    private static String seen(String line, String kept, String own, String body) {
        return line + " HTTP/1.1\r\nHost: a.test\r\n" + kept
                + "X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
                + "X-Forwarded-Host: a.test\r\nForwarded: for=127.0.0.1;proto=http\r\nVia: 2.0 sluice\r\n"
                + "X-Request-ID: *\r\n" + own + "\r\n" + body;
    }

    static Stream<Arguments> passedOn() {
        return Stream.of(
                Arguments.of("no body", request("GET", "/x?y=1"), seen("GET /x?y=1", "", "", "")),
                Arguments.of("no body, POST", request("POST", "/"), seen("POST /", "", "", "")),
                Arguments.of(
                        "pseudo fields in another order",
                        Sent.head(":path", "/", ":authority", "a.test", ":scheme", "https", ":method", "GET"),
                        seen("GET /", "", "", "")),
                Arguments.of(
                        "host in place of :authority",
                        Sent.head(":method", "GET", ":scheme", "http", ":path", "/", "host", "a.test"),
                        seen("GET /", "", "", "")),
                Arguments.of(
                        "host beside the same :authority",
                        request("GET", "/", "host", "a.test", "host", "A.TEST"),
                        seen("GET /", "", "", "")),
                Arguments.of(
                        "crumbs of a cookie, among others",
                        request("GET", "/", "cookie", "a=1", "x-a", "1", "cookie", "b=2; c=3", "cookie", "d=4"),
                        seen("GET /", "x-a: 1\r\ncookie: a=1; b=2; c=3; d=4\r\n", "", "")),
                Arguments.of("te: trailers", request("GET", "/", "te", "trailers"), seen("GET /", "", "", "")),
                Arguments.of("te: Trailers", request("GET", "/", "te", "Trailers"), seen("GET /", "", "", "")),
                Arguments.of(
                        "what says who the client is",
                        request("GET", "/", "x-forwarded-for", "1.1.1.1", "forwarded", "for=1.1.1.1", "x-real-ip", "2"),
                        seen("GET /", "", "", "")),
                Arguments.of(
                        "expect, without a body",
                        request("GET", "/", "expect", "100-continue"),
                        seen("GET /", "", "", "")),
                Arguments.of(
                        "an empty value, one with colons, one beyond ASCII",
                        request("GET", "/", "x-a", "", "x-b", "a: b:c", "x-c", "\u00e9 \tz"),
                        seen("GET /", "x-a: \r\nx-b: a: b:c\r\nx-c: \u00e9 \tz\r\n", "", "")),
                Arguments.of(
                        "fields that only look like framing",
                        request("GET", "/", "content-length-", "5", "x-te", "chunked"),
                        seen("GET /", "content-length-: 5\r\nx-te: chunked\r\n", "", "")),
                Arguments.of(
                        "a body with its length",
                        request("POST", "/", "content-length", "5").parts("he", "", "llo"),
                        seen("POST /", "content-length: 5\r\n", "", "hello")),
                Arguments.of(
                        "a length of nothing",
                        request("POST", "/", "content-length", "0"),
                        seen("POST /", "content-length: 0\r\n", "", "")),
                Arguments.of(
                        "a length of nothing, and an empty frame",
                        request("POST", "/", "content-length", "0").parts(""),
                        seen("POST /", "content-length: 0\r\n", "", "")),
                Arguments.of(
                        "trailers behind a body with a length",
                        request("POST", "/", "content-length", "2", "trailer", "x-t")
                                .parts("hi")
                                .trailers("x-t", "1"),
                        seen("POST /", "content-length: 2\r\n", "", "hi")),
                Arguments.of(
                        "a body without a length",
                        request("PUT", "/").parts("hello"),
                        seen("PUT /", "", TE, "5\r\nhello\r\n0\r\n\r\n")),
                Arguments.of(
                        "a body that looks like the end of chunks and a request",
                        request("POST", "/").parts("0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
                        seen(
                                "POST /",
                                "",
                                TE,
                                "28\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n\r\n0\r\n\r\n")),
                Arguments.of("an empty body", request("POST", "/").parts(""), seen("POST /", "", TE, "0\r\n\r\n")),
                Arguments.of(
                        "only trailers",
                        request("POST", "/").trailers("x-t", "1"),
                        seen("POST /", "", TE, "0\r\nx-t: 1\r\n\r\n")),
                Arguments.of(
                        "trailers that have no place there",
                        request("POST", "/", "trailer", "x-t")
                                .parts("hi")
                                .trailers("host", "b", "x-t", "1", "content-length", "9", "set-cookie", "a=b"),
                        seen("POST /", "trailer: x-t\r\n", TE, "2\r\nhi\r\n0\r\nx-t: 1\r\n\r\n")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("passedOn")
    void passesOnExactlyThis(String what, Sent sent, String seen) throws Exception {
        try (Http2Client client = new Http2Client(proxy.port())) {
            sent.to(client, 1);
            assertThat(client.read(1).status()).as(what).isEqualTo("200");
            assertThat(RawBackend.withoutChunks(backend.nextWire())).isEqualTo(RawBackend.withoutChunks(seen));
            client.get(3, "/after");
            assertThat(client.read(3).body()).isEqualTo("ok");
            assertThat(backend.nextWire()).startsWith("GET /after ");
            assertThat(backend.wire).isEmpty();
        }
    }

    private static Arguments trailers(String... namesAndValues) {
        return Arguments.of(
                "trailers " + String.join("=", namesAndValues),
                request("POST", "/").parts("hi").trailers(namesAndValues));
    }

    static Stream<Arguments> malformed() {
        List<Arguments> all = new ArrayList<>(List.of(
                trailers(":path", "/smuggled"),
                trailers(":status", "200"),
                trailers("connection", "close"),
                trailers("transfer-encoding", "chunked"),
                trailers("te", "trailers"),
                trailers("X-Upper", "1"),
                trailers("x-t", "1\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
                trailers("x-t", "a\0b"),
                trailers("x-t", " a"),
                trailers("x y", "1"),
                Arguments.of(
                        "more than the length",
                        request("POST", "/", "content-length", "2").parts("h", "ello")),
                Arguments.of(
                        "less than the length",
                        request("POST", "/", "content-length", "9").parts("hello")),
                Arguments.of(
                        "less than the length, before trailers",
                        request("POST", "/", "content-length", "9")
                                .parts("hello")
                                .trailers("x-t", "1")),
                Arguments.of("a length and no body", request("POST", "/", "content-length", "3"))));
        String[][] heads = {
            {"x-a", "1\r\nTransfer-Encoding: chunked"},
            {"x-a", "1\rx"},
            {"x-a\0", "1"},
            {"x-a: 1\r\nhost", "b"},
            {"transfer-encoding", "identity"},
            {"te", "trailers, deflate"},
            {"connection", "keep-alive"},
            {"upgrade", "h2c"},
            {"host", "b.test"},
            {"host", "a.test:80"},
            {":protocol", "websocket"},
            {"x-a", "1", ":path", "/late"},
        };
        for (String[] more : heads) {
            all.add(Arguments.of(String.join("=", more), request("GET", "/", more)));
        }
        String[][] starts = {
            {":method", "GET /smuggled HTTP/1.1\r\nx: ", ":scheme", "http", ":authority", "a.test", ":path", "/"},
            {":method", "", ":scheme", "http", ":authority", "a.test", ":path", "/"},
            {":method", "GET", ":scheme", "http", ":authority", "a.test\r\nx: y", ":path", "/"},
            {":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/\t"},
            {":method", "GET", ":scheme", "http\r\n", ":authority", "a.test", ":path", "/"},
            {":method", "GET", ":scheme", "http", ":scheme", "http", ":authority", "a.test", ":path", "/"},
            {"x-a", "1", ":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/"},
        };
        for (String[] fields : starts) {
            all.add(Arguments.of(String.join("|", fields), Sent.head(fields)));
        }
        return all.stream();
    }

    /** A head may have left before its body turns out to be wrong, but never a complete request. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void neverPassesOnACompleteRequest(String what, Sent sent) throws Exception {
        try (Http2Client client = new Http2Client(proxy.port())) {
            sent.to(client, 1);
            Http2Client.Response refused = client.read(1);
            assertThat(refused.resetCode() == PROTOCOL_ERROR || refused.status().equals("400"))
                    .as("%s: reset %d, status %s", what, refused.resetCode(), refused.status())
                    .isTrue();
            client.get(3, "/after");
            assertThat(client.read(3).body()).isEqualTo("ok");
            assertThat(backend.nextWire()).startsWith("GET /after ");
            assertThat(backend.wire).isEmpty();
        }
    }
}
