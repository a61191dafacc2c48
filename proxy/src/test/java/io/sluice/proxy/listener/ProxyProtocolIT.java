package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.route.RouteSettings;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who the client is, as told by a proxy in front. */
class ProxyProtocolIT {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private static final RouteSettings ROUTE = TestSettings.route();
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static TestProxy proxy(RawBackend backend, String trusted, String more) {
        String[] lines = {"proxy-protocol: true", "trusted-peers: [" + trusted + "]", more};
        return new TestProxy(TestProxy.fixedPool(backend), TestSettings.listener(lines), ROUTE);
    }

    private static byte[] bytes(String header, String rest) {
        byte[] first = header.startsWith("0x")
                ? HexFormat.of().parseHex(header.substring(2))
                : header.getBytes(StandardCharsets.US_ASCII);
        byte[] second = rest.getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.0.2.7 192.0.2.1 1234 80\r\n > 192.0.2.7",
                "PROXY TCP6 2001:db8::7 2001:db8::1 1234 80\r\n > 2001:db8:0:0:0:0:0:7",
                "PROXY UNKNOWN\r\n > 127.0.0.1",
                "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n > 127.0.0.1",
                "0x" + SIGNATURE + "2111000cc0000207c000020104d20050 > 192.0.2.7",
                // With something else that is told after the addresses.
                "0x" + SIGNATURE + "21110010c0000207c000020104d20050040001aa > 192.0.2.7",
                "0x" + SIGNATURE
                        + "2121002420010db800000000000000000000000720010db800000000000000000000000104d20050 > 2001:db8:0:0:0:0:0:7",
                "0x" + SIGNATURE + "20000000 > 127.0.0.1",
                "0x" + SIGNATURE + "21000000 > 127.0.0.1",
            })
    void theClientIsWhoTheHeaderSays(String headerAndClient) throws Exception {
        int separator = headerAndClient.indexOf(" > ");
        byte[] sent = bytes(headerAndClient.substring(0, separator), GET);
        String client = headerAndClient.substring(separator + 3);
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "127.0.0.1/32", "");
                RawClient whole = new RawClient(proxy.port());
                RawClient inPieces = new RawClient(proxy.port())) {
            whole.write(sent);
            assertThat(whole.read().body()).isEqualTo("ok");
            assertThat(backend.nextRequest()).contains("X-Forwarded-For: " + client + "\r\n");
            whole.write(GET);
            assertThat(whole.read().body()).isEqualTo("ok");
            assertThat(backend.nextRequest()).contains("X-Forwarded-For: " + client + "\r\n");
            for (byte octet : sent) {
                inPieces.write(new byte[] {octet});
            }
            assertThat(inPieces.read().body()).isEqualTo("ok");
            assertThat(backend.nextRequest()).contains("X-Forwarded-For: " + client + "\r\n");
        }
    }

    @Test
    void connectionsCountForWhomTheHeaderNames() throws Exception {
        byte[] one = bytes("PROXY TCP4 192.0.2.7 192.0.2.1 1 80\r\n", GET);
        byte[] other = bytes("PROXY TCP4 192.0.2.8 192.0.2.1 1 80\r\n", GET);
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "127.0.0.1/32", "max-connections-per-client: 1")) {
            try (RawClient first = new RawClient(proxy.port());
                    RawClient second = new RawClient(proxy.port());
                    RawClient third = new RawClient(proxy.port())) {
                first.write(one);
                assertThat(first.read().body()).isEqualTo("ok");
                second.write(one);
                assertThat(second.isClosedByPeer()).isTrue();
                third.write(other);
                assertThat(third.read().body()).isEqualTo("ok");
            }
            Waiting.until("closed", () -> proxy.listener().connections() == 0);
            try (RawClient again = new RawClient(proxy.port())) {
                again.write(one);
                assertThat(again.read().body()).isEqualTo("ok");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "proxy TCP4 192.0.2.7 192.0.2.1 1234 80\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1234 80\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1234\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1234 80 \r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1234 65536\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 01 80\r\n",
                "PROXY TCP4 192.0.2.256 192.0.2.1 1234 80\r\n",
                "PROXY TCP4 192.0.2 192.0.2.1 1234 80\r\n",
                "PROXY TCP4 localhost 192.0.2.1 1234 80\r\n",
                "PROXY TCP4 2001:db8::7 2001:db8::1 1234 80\r\n",
                "PROXY TCP6 192.0.2.7 192.0.2.1 1234 80\r\n",
                "PROXY TCP6 2001:db8::7::1 2001:db8::1 1234 80\r\n",
                "PROXY TCP5 192.0.2.7 192.0.2.1 1234 80\r\n",
                "PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
                "0x" + SIGNATURE + "1111000cc0000207c000020104d20050",
                "0x" + SIGNATURE + "2211000cc0000207c000020104d20050",
                "0x" + SIGNATURE + "21110008c0000207c0000201",
                "0x" + SIGNATURE + "2111ffff",
            })
    void aConnectionThatDoesNotBeginWithAHeaderIsClosed(String header) throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "127.0.0.1/32", "http2: true");
                RawClient client = new RawClient(proxy.port())) {
            client.write(bytes(header, GET));
            assertThat(client.isClosedByPeer()).isTrue();
            Waiting.until("closed", () -> proxy.listener().connections() == 0);
            assertThat(backend.accepted()).isZero();
        }
    }

    @Test
    void nobodyElseMaySayWhoTheClientIs() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "192.0.2.0/24", "");
                RawClient client = new RawClient(proxy.port())) {
            client.write("PROXY TCP4 192.0.2.7 192.0.2.1 1234 80\r\n" + GET);
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(backend.accepted()).isZero();
        }
    }

    @Test
    void whatFollowsMayBeHttp2() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "127.0.0.1/32", "http2: true")) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
            socket.getOutputStream().write(bytes("PROXY TCP4 192.0.2.7 192.0.2.1 1234 80\r\n", ""));
            try (Http2Client client = new Http2Client(socket)) {
                client.get(1, "/");
                assertThat(client.read(1).body()).isEqualTo("ok");
            }
            assertThat(backend.nextRequest()).contains("X-Forwarded-For: 192.0.2.7\r\n");
        }
    }

    @Test
    void whatFollowsMayBeTls(@TempDir Path folder) throws Exception {
        TestCertificate own = TestCertificate.make(folder, "EC", "a.test");
        String tls = TestSettings.tls("", own.writeTo(folder, "own"));
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(backend, "127.0.0.1/32", tls)) {
            int port = proxy.listener().tlsPort();
            Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
            plain.getOutputStream().write(bytes("PROXY TCP4 192.0.2.7 192.0.2.1 1234 443\r\n", ""));
            SSLContext context = TestCertificate.trusting(own);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "a.test", port, true);
            try (RawClient client = new RawClient(socket)) {
                client.write(GET);
                assertThat(client.read().body()).isEqualTo("ok");
            }
            assertThat(backend.nextRequest())
                    .contains("X-Forwarded-For: 192.0.2.7\r\n", "X-Forwarded-Proto: https\r\n");
        }
    }
}
