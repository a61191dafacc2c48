package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import org.junit.jupiter.api.Test;

/** What reaches a backend and what comes back, on raw sockets. */
class ForwardingIT {
    @Test
    void forwardsARequestWithItsOwnHeadersAndReturnsTheResponse() throws Exception {
        try (RawBackend backend = RawBackend.answering("hello");
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.Response response =
                    RawClient.call(proxy.port(), "GET /a/b?c=d HTTP/1.1\r\nHost: example.org\r\nX-Own: 1\r\n\r\n");
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("hello");
            String seen = backend.nextRequest();
            String id = response.header("X-Request-ID");
            assertThat(seen)
                    .isEqualTo(
                            "GET /a/b?c=d HTTP/1.1\r\nHost: example.org\r\nX-Own: 1\r\nX-Forwarded-For: 127.0.0.1\r\n"
                                    + "X-Real-IP: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: example.org\r\n"
                                    + "Forwarded: for=127.0.0.1;proto=http\r\nVia: 1.1 sluice\r\nX-Request-ID: " + id
                                    + "\r\n\r\n");
        }
    }

    @Test
    void sendsASmallBodyAsItCame() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.Response response = RawClient.call(
                    proxy.port(), "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world");
            assertThat(response.status()).isEqualTo(200);
            String seen = backend.nextRequest();
            assertThat(seen).contains("Content-Length: 11\r\n").endsWith("\r\n\r\nhello world");
            assertThat(proxy.nextExchange().requestBytes()).isEqualTo(11);
        }
    }

    @Test
    void sendsAChunkedBodyChunked() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            RawClient.Response response = RawClient.call(
                    proxy.port(),
                    "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n");
            assertThat(response.status()).isEqualTo(200);
            String seen = backend.nextRequest();
            assertThat(seen)
                    .containsIgnoringCase("transfer-encoding: chunked\r\n")
                    .endsWith("\r\n\r\nhello world");
        }
    }

    @Test
    void reusesConnectionsOnBothSides() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < 20; i++) {
                client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(client.read().body()).isEqualTo("ok");
            }
            assertThat(backend.accepted()).isEqualTo(1);
        }
    }

    @Test
    void answersUnknownPathsWithAProblemAndNothingElse() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(TestSettings.route("path: /webhook/"), backend)) {
            RawClient.Response response = RawClient.call(proxy.port(), "GET /admin/health HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(response.body()).isEqualTo("{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}");
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.NO_ROUTE);
        }
    }

    @Test
    void answersForItself() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            String request = "GET /proxy-health HTTP/1.1\r\nHost: h\r\n\r\n";
            assertThat(RawClient.call(proxy.port(), request).status()).isEqualTo(200);
            proxy.listener().startLameDuck();
            RawClient.Response stopping = RawClient.call(proxy.port(), request);
            assertThat(stopping.status()).isEqualTo(503);
            assertThat(stopping.header("Connection")).isEqualTo("close");
            RawClient.Response served = RawClient.call(proxy.port(), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(served.status()).isEqualTo(200);
            assertThat(served.header("Connection")).isEqualTo("close");
        }
    }
}
