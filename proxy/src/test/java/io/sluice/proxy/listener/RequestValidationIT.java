package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a gateway must refuse (RFC 9110, 9112), on raw sockets; none of it may reach a backend. */
class RequestValidationIT {
    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("no Host", 400, "GET / HTTP/1.1\r\n\r\n"),
                Arguments.of("two Hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
                Arguments.of("the same Host twice", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
                Arguments.of("empty Host", 400, "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
                Arguments.of("Host with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
                Arguments.of("Host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
                Arguments.of("Host with a user", 400, "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n"),
                Arguments.of("Host with a bad port", 400, "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n"),
                Arguments.of(
                        "two lengths",
                        400,
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
                Arguments.of("signed length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"),
                Arguments.of("negative length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello"),
                Arguments.of(
                        "gzip, chunked",
                        501,
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of(
                        "chunked, chunked",
                        501,
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of(
                        "TE on 1.0", 400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("space before colon", 400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
                Arguments.of("NUL in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
                Arguments.of("TRACE", 405, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("CONNECT", 405, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
                Arguments.of("lower-case method", 400, "get / HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("asterisk without OPTIONS", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("relative target", 400, "GET x HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("other scheme", 400, "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("user in the target", 400, "GET http://me@a/x HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("climbing above the root", 400, "GET /../x HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("encoded traversal", 400, "GET /a/%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("half encoded traversal", 400, "GET /a/.%2e/x HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("traversal behind an encoded slash", 400, "GET /a%2f..%2fx HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("backslash", 400, "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("encoded backslash", 400, "GET /a%5Cb HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("encoded NUL", 400, "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("broken escape", 400, "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("fragment", 400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("unknown expectation", 417, "GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n"),
                Arguments.of("long request line", 414, "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("large header", 431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(40_000) + "\r\n\r\n"),
                Arguments.of("large body", 413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"),
                Arguments.of(
                        "running in circles",
                        508,
                        "GET / HTTP/1.1\r\nHost: a\r\nVia: " + "1.1 sluice, ".repeat(8) + "1.1 x\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("refused")
    void refuses(String what, int status, String request) throws Exception {
        try (RawBackend backend = RawBackend.answering("reached");
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(request);
            RawClient.Response response = client.read();
            assertThat(response.status()).as(what).isEqualTo(status);
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(proxy.nextExchange().status()).isEqualTo(status);
            assertThat(backend.heads).isEmpty();
        }
    }

    static Stream<Arguments> accepted() {
        return Stream.of(
                Arguments.of("GET /a/../b//c HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a/../b//c HTTP/1.1"),
                Arguments.of("GET /a%2Fb?x=%zz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a%2Fb?x=%zz HTTP/1.1"),
                Arguments.of("GET /%7Euser HTTP/1.1\r\nHost: a\r\n\r\n", "GET /%7Euser HTTP/1.1"),
                Arguments.of("GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x?y HTTP/1.1\r\nHost: b:81"),
                Arguments.of("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: b"),
                Arguments.of("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET / HTTP/1.1\r\nHost: [::1]:80"),
                Arguments.of("PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", "PROPFIND / HTTP/1.1"),
                Arguments.of("GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: 127.0.0.1:"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("accepted")
    void forwardsTheOriginalBytes(String request, String seen) throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            assertThat(RawClient.call(proxy.port(), request).status()).isEqualTo(200);
            assertThat(backend.nextRequest()).startsWith(seen);
        }
    }

    /** RFC 9112 §6.1: it may be refused, and nobody honest sends it. */
    @Test
    void aRequestWithChunksAndLengthIsRefused() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
            client.write("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            RawClient.Response response = client.read();
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(backend.requests).isEmpty();
        }
    }

    @Test
    void aChunkedBodyThatGrowsTooLargeIs413() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
            for (int i = 0; i < 17; i++) {
                client.write(chunk);
            }
            RawClient.Response response = client.read();
            assertThat(response.status()).isEqualTo(413);
            assertThat(response.header("Connection")).isEqualTo("close");
            Waiting.until("lease returned", () -> proxy.backend("b1").inFlight() == 0);
            assertThat(proxy.passive).isEmpty();
        }
    }

    @Test
    void answersOptionsForTheWholeServer() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.Response response = RawClient.call(proxy.port(), "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(response.status()).isEqualTo(204);
            assertThat(response.header("Allow")).contains("POST");
        }
    }

    @Test
    void asksForTheBodyOfAClientThatExpectsIt() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(100);
            client.write("body");
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(backend.nextRequest())
                    .doesNotContainIgnoringCase("expect")
                    .endsWith("body");
        }
    }

    @Test
    void doesNotAskForABodyThatIsTooLarge() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4000000\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(413);
        }
    }

    @Test
    void brokenChunksNeverBecomeACompleteRequest() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nhello\r\n0\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(400);
            assertThat(client.isClosedByPeer()).isTrue();
            proxy.nextExchange();
            assertThat(backend.requests).isEmpty();
        }
    }
}
