package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.route.RouteSettings;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Headers of one connection stay on it, in both directions; our own cannot be taken away; only trusted peers are believed. */
class HopByHopIT {
    private static final RouteSettings ROUTE = TestSettings.route();

    @Test
    void removesHopByHopHeadersOfTheRequest() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.call(
                    proxy.port(),
                    RawClient.head(
                            "GET / HTTP/1.1",
                            "Host: h",
                            "Connection: keep-alive, X-Mine , close",
                            "X-Mine: 1",
                            "Keep-Alive: timeout=5",
                            "TE: trailers",
                            "Upgrade: websocket",
                            "Proxy-Connection: keep-alive",
                            "Trailer: X-T",
                            "X-Kept: 2"));
            String seen = backend.nextRequest();
            assertThat(headerNames(seen))
                    .containsExactly(
                            "host",
                            "x-kept",
                            "x-forwarded-for",
                            "x-real-ip",
                            "x-forwarded-proto",
                            "x-forwarded-host",
                            "forwarded",
                            "via",
                            "x-request-id");
        }
    }

    @Test
    void aClientCannotTakeOurHeadersAwayByNamingThem() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.call(
                    proxy.port(),
                    RawClient.head(
                                    "POST / HTTP/1.1",
                                    "Host: h",
                                    "Connection: X-Forwarded-For, Via, X-Real-IP, Host, Content-Length",
                                    "X-Forwarded-For: 6.6.6.6",
                                    "X-Real-IP: 6.6.6.6",
                                    "Forwarded: for=6.6.6.6",
                                    "X-Forwarded-Host: evil",
                                    "X-Forwarded-Proto: https",
                                    "X-Request-ID: forged",
                                    "Content-Length: 2")
                            + "hi");
            String seen = backend.nextRequest();
            assertThat(seen)
                    .contains("\r\nX-Forwarded-For: 127.0.0.1\r\n")
                    .contains("\r\nX-Real-IP: 127.0.0.1\r\n")
                    .contains("\r\nForwarded: for=127.0.0.1;proto=http\r\n")
                    .contains("\r\nX-Forwarded-Host: h\r\n")
                    .contains("\r\nX-Forwarded-Proto: http\r\n")
                    .contains("\r\nVia: 1.1 sluice\r\n")
                    .containsIgnoringCase("\r\ncontent-length: 2\r\n")
                    .doesNotContain("forged")
                    .endsWith("\r\n\r\nhi");
        }
    }

    @Test
    void optionsIsPassedOnAsOftenAsItSays() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.Response own =
                    RawClient.call(proxy.port(), RawClient.head("OPTIONS /a HTTP/1.1", "Host: h", "Max-Forwards: 0"));
            assertThat(own.status()).isEqualTo(204);
            assertThat(own.header("Allow")).contains("GET");
            RawClient.call(proxy.port(), RawClient.head("OPTIONS /b HTTP/1.1", "Host: h", "Max-Forwards: 9"));
            assertThat(backend.nextRequest()).startsWith("OPTIONS /b ").contains("\r\nMax-Forwards: 8\r\n");
            // Elsewhere it means nothing.
            RawClient.call(proxy.port(), RawClient.head("GET /c HTTP/1.1", "Host: h", "Max-Forwards: 0"));
            assertThat(backend.nextRequest()).startsWith("GET /c ").contains("\r\nMax-Forwards: 0\r\n");
        }
    }

    @Test
    void underscoresAndTrailersAreNoWayAroundOurHeaders() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readWire();
            connection.respond(200, "ok");
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.call(
                    proxy.port(),
                    RawClient.head(
                                    "POST / HTTP/1.1",
                                    "Host: h",
                                    "X_Forwarded-For: 6.6.6.6",
                                    "x-real_ip: 6.6.6.6",
                                    "Content_Length: 66",
                                    "Their_Own: kept",
                                    "Transfer-Encoding: chunked")
                            + "2\r\nhi\r\n0\r\nX-Sum: kept\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX_Real_IP: 6.6.6.6\r\n\r\n");
            assertThat(backend.nextWire())
                    .doesNotContain("6.6.6.6", "66")
                    .contains("\r\nTheir_Own: kept\r\n")
                    .endsWith("0\r\nX-Sum: kept\r\n\r\n");
        }
    }

    @Test
    void believesTrustedPeersAndAppends() throws Exception {
        ListenerSettings trusting = TestSettings.listener("via: edge-2", "trusted-peers: [127.0.0.0/8, 10.0.0.0/8]");
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), trusting, ROUTE)) {
            RawClient.Response response = RawClient.call(
                    proxy.port(),
                    RawClient.head(
                            "GET / HTTP/1.1",
                            "Host: h",
                            "X-Forwarded-For: 6.6.6.6, 7.7.7.7, 10.1.2.3",
                            "Forwarded: for=7.7.7.7",
                            "X-Forwarded-Proto: https",
                            "X-Forwarded-Host: public.example",
                            "Via: 1.1 edge-1",
                            "X-Request-ID: abc-1"));
            String seen = backend.nextRequest();
            assertThat(seen)
                    .contains("\r\nX-Forwarded-For: 6.6.6.6, 7.7.7.7, 10.1.2.3, 127.0.0.1\r\n")
                    .contains("\r\nX-Real-IP: 7.7.7.7\r\n")
                    .contains("\r\nForwarded: for=7.7.7.7, for=127.0.0.1;proto=http\r\n")
                    .contains("\r\nX-Forwarded-Proto: https\r\n")
                    .contains("\r\nX-Forwarded-Host: public.example\r\n")
                    .contains("\r\nVia: 1.1 edge-1, 1.1 edge-2\r\n")
                    .contains("\r\nX-Request-ID: abc-1\r\n");
            assertThat(response.header("X-Request-ID")).isEqualTo("abc-1");
        }
    }

    @Test
    void everyAnswerOfTheProxyItselfHasTheRequestsId() throws Exception {
        try (RawBackend backend = RawBackend.answering("x");
                TestProxy trusting = new TestProxy(
                        TestProxy.fixedPool(backend),
                        TestSettings.listener("trusted-peers: [127.0.0.0/8]"),
                        TestSettings.route("path: /there/"));
                TestProxy strict = new TestProxy(
                        TestProxy.fixedPool(backend), TestSettings.listener(), TestSettings.route("path: /there/"))) {
            for (String request : List.of(
                    "GET /proxy-health", "OPTIONS *", "GET /elsewhere", "TRACE /there/", "HEAD /proxy-health")) {
                String head =
                        RawClient.head(request + " HTTP/1.1", "Host: h", "Connection: close", "X-Request-ID: abc-1");
                assertThat(rawAnswer(trusting, head)).as(request).contains("\r\nX-Request-ID: abc-1\r\n");
                assertThat(rawAnswer(strict, head)).as(request).containsPattern("\r\nX-Request-ID: [0-9a-f]{16}\r\n");
            }
        }
    }

    private static String rawAnswer(TestProxy proxy, String request) throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            client.write(request);
            return client.readRest();
        }
    }

    @Test
    void removesHopByHopHeadersOfTheResponse() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.respond(
                    200,
                    "ok",
                    "Connection: X-Internal",
                    "X-Internal: 1",
                    "Keep-Alive: timeout=9",
                    "X-Kept: 2",
                    "Date: Tue, 15 Nov 1994 08:12:31 GMT",
                    "Set-Cookie: a=1",
                    "Set-Cookie: b=2");
            connection.readRequest();
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.Response response = RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response.head().replaceFirst("X-Request-ID: .*\r\n", ""))
                    .isEqualTo(
                            "HTTP/1.1 200 OK\r\nX-Kept: 2\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\n");
        }
    }

    @Test
    void sendsTheBackendsOwnHostWhereTheRouteSaysSo() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(TestSettings.route("host-header: backend"), backend)) {
            RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: public.example\r\n\r\n");
            assertThat(backend.nextRequest())
                    .contains("\r\nHost: " + backend.address() + "\r\n")
                    .contains("\r\nX-Forwarded-Host: public.example\r\n");
        }
    }

    private static List<String> headerNames(String request) {
        return request.lines()
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
                .toList();
    }
}
