package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.tls.Certificates;
import io.sluice.service.settings.InvalidSettingsException;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/1.1 over TLS: certificates, who may connect, and what must not change because of it. */
class TlsIT {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private static final RouteSettings ROUTE = TestSettings.route();

    @TempDir
    static Path made;

    private static TestCertificate first;
    private static TestCertificate second;
    private static TestCertificate third;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCertificates() throws Exception {
        first = TestCertificate.make(made, "EC", "a.test", "www.a.test");
        second = TestCertificate.make(made, "RSA", "b.test", "*.b.test");
        third = TestCertificate.make(made, "EC", "a.test");
    }

    private static String tls(CertificateFiles... certificates) {
        return tls("reload-interval: 50ms", certificates);
    }

    private static String tls(String more, CertificateFiles... certificates) {
        return TestSettings.tls(more, certificates);
    }

    private static TestProxy proxy(String tls, RawBackend backend) {
        return new TestProxy(
                TestProxy.fixedPool(backend), TestSettings.listener(tls), TestSettings.route("upgrade: true"));
    }

    private static SSLSocket connect(TestProxy proxy, SSLContext context, String name) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), proxy.listener().tlsPort());
        if (!name.isEmpty()) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            socket.setSSLParameters(parameters);
        }
        socket.setSoTimeout(15_000);
        return socket;
    }

    /** Asks afresh: a client that resumes a session asks for the name of that. */
    private static X509Certificate shown(TestProxy proxy, String name) throws Exception {
        try (SSLSocket socket = connect(proxy, TestCertificate.trusting(first, second, third), name)) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void forwardsWhatComesOverTls() throws Exception {
        String tls = tls(first.writeTo(folder, "a"));
        try (RawBackend backend = RawBackend.answering("hello");
                TestProxy proxy = proxy(tls, backend);
                SSLSocket socket = connect(proxy, TestCertificate.trusting(first), "a.test");
                RawClient client = new RawClient(socket)) {
            client.write(GET);
            assertThat(client.read().body()).isEqualTo("hello");
            client.write("POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc");
            assertThat(client.read().body()).isEqualTo("hello");
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(backend.nextRequest()).contains("X-Forwarded-Proto: https\r\n", "proto=https");
            assertThat(backend.nextRequest()).startsWith("POST /x ").endsWith("abc");
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(200);
            assertThat(backend.nextRequest()).contains("X-Forwarded-Proto: http\r\n");
        }
    }

    @Test
    void aLargeBodyPassesInBothDirections() throws Exception {
        String large = "0123456789abcdef".repeat(64 * 1024);
        RawBackend.Script echo = connection -> {
            connection.readRequest();
            connection.respond(200, large);
        };
        String tls = tls(first.writeTo(folder, "a"));
        try (RawBackend backend = new RawBackend(echo);
                TestProxy proxy = proxy(tls, backend);
                RawClient client = new RawClient(connect(proxy, TestCertificate.trusting(first), ""))) {
            client.write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + large.length() + "\r\n\r\n" + large);
            RawClient.Response response = client.read();
            assertThat(response.complete()).isTrue();
            assertThat(response.body()).isEqualTo(large);
            assertThat(backend.nextRequest()).endsWith(large);
        }
    }

    @Test
    void theCertificateIsTheOneForTheNameThatIsAskedFor() throws Exception {
        String tls = tls(first.writeTo(folder, "a"), second.writeTo(folder, "b"));
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(tls, backend)) {
            assertThat(shown(proxy, "www.a.test")).isEqualTo(first.certificate());
            assertThat(shown(proxy, "B.test")).isEqualTo(second.certificate());
            assertThat(shown(proxy, "x.b.test")).isEqualTo(second.certificate());
            assertThat(shown(proxy, "y.x.b.test")).isEqualTo(first.certificate());
            assertThat(shown(proxy, "unknown.test")).isEqualTo(first.certificate());
            assertThat(shown(proxy, "")).isEqualTo(first.certificate());
        }
    }

    @Test
    void changedFilesAreTakenOverAndOpenConnectionsStay() throws Exception {
        CertificateFiles files = first.writeTo(folder, "a");
        SSLContext context = TestCertificate.trusting(first, third);
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(tls(files), backend);
                RawClient before = new RawClient(connect(proxy, context, "a.test"))) {
            before.write(GET);
            assertThat(before.read().status()).isEqualTo(200);
            // Only one of two files is new: nothing that could be used.
            third.writeKey(files.key());
            Waiting.until("noticed", () -> certificates(proxy).isBroken());
            assertThat(shown(proxy, "a.test")).isEqualTo(first.certificate());
            third.writeCertificate(files.certificate());
            Waiting.until("taken over", () -> !certificates(proxy).isBroken());
            assertThat(shown(proxy, "a.test")).isEqualTo(third.certificate());
            Files.writeString(files.certificate(), "rubbish");
            Waiting.until("noticed", () -> certificates(proxy).isBroken());
            Files.delete(files.key());
            assertThat(shown(proxy, "a.test")).isEqualTo(third.certificate());
            assertThat(certificates(proxy).expiries())
                    .containsExactly(third.certificate().getNotAfter().toInstant());
            before.write(GET);
            assertThat(before.read().status()).isEqualTo(200);
        }
    }

    private static Certificates certificates(TestProxy proxy) {
        return proxy.listener().certificates().orElseThrow();
    }

    @Test
    void filesThatCannotBeUsedAreAProblemOfTheSettings() throws Exception {
        CertificateFiles files = first.writeTo(folder, "a");
        third.writeKey(files.key());
        try (RawBackend backend = RawBackend.answering("ok")) {
            assertThatThrownBy(() -> proxy(tls(files), backend))
                    .hasRootCauseInstanceOf(InvalidSettingsException.class)
                    .hasRootCauseMessage("settings file: listener.tls: " + files.key() + " (expected: the key of "
                            + files.certificate() + ")");
        }
    }

    @Test
    void aClientWithoutACertificateIsRefusedWhereOneIsRequired() throws Exception {
        TestCertificate known = second;
        Path ca = folder.resolve("ca.pem");
        known.writeCertificate(ca);
        String tls = tls("client-auth: required, client-ca: '" + ca + "'", first.writeTo(folder, "a"));
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(tls, backend)) {
            assertThat(status(proxy, known.clientTrusting(first))).isEqualTo(200);
            assertThat(status(proxy, TestCertificate.trusting(first))).isZero();
            assertThat(status(proxy, third.clientTrusting(first))).isZero();
        }
    }

    @Test
    void anOptionalCertificateIsCheckedWhenItIsShown() throws Exception {
        Path ca = folder.resolve("ca.pem");
        second.writeCertificate(ca);
        String tls = tls("client-auth: optional, client-ca: '" + ca + "'", first.writeTo(folder, "a"));
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(tls, backend)) {
            assertThat(status(proxy, TestCertificate.trusting(first))).isEqualTo(200);
            assertThat(status(proxy, second.clientTrusting(first))).isEqualTo(200);
        }
    }

    /** 0 when the connection failed. */
    private static int status(TestProxy proxy, SSLContext context) throws IOException {
        try (RawClient client = new RawClient(connect(proxy, context, "a.test"))) {
            client.write(GET);
            return client.read().status();
        } catch (SSLException | SocketException refused) {
            return 0;
        }
    }

    @Test
    void protocolsThatAreNotListedAreNotSpoken() throws Exception {
        CertificateFiles files = first.writeTo(folder, "a");
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy both = proxy(tls(files), backend);
                TestProxy newest = proxy(tls("protocols: [TLSv1.3]", files), backend)) {
            assertThat(speaks(both, "TLSv1.2")).isTrue();
            assertThat(speaks(newest, "TLSv1.2")).isFalse();
            assertThat(speaks(newest, "TLSv1.3")).isTrue();
        }
    }

    private static boolean speaks(TestProxy proxy, String protocol) throws Exception {
        try (SSLSocket socket = connect(proxy, TestCertificate.trusting(first), "a.test")) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            return true;
        } catch (SSLException refused) {
            return false;
        }
    }

    @Test
    void whoeverSpeaksNoTlsOrNothingIsClosed() throws Exception {
        ListenerSettings settings =
                TestSettings.listener("port:", "head-timeout: 300ms", tls(first.writeTo(folder, "a")));
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), settings, ROUTE)) {
            assertThat(proxy.port()).isZero();
            int port = proxy.listener().tlsPort();
            try (RawClient plain = new RawClient(port);
                    RawClient silent = new RawClient(port);
                    SSLSocket idle = connect(proxy, TestCertificate.trusting(first), "")) {
                idle.startHandshake();
                plain.write(GET);
                assertThat(plain.in().readAllBytes()).doesNotContain('2', '0', '0');
                assertThat(silent.isClosedByPeer()).isTrue();
                assertThat(idle.getInputStream().read()).isNegative();
            }
            Waiting.until("all are closed", () -> proxy.listener().connections() == 0);
        }
    }

    @Test
    void whatWasCutDoesNotEndLikeAWhole() throws Exception {
        RawBackend.Script cut = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            connection.reset();
        };
        try (RawBackend backend = new RawBackend(cut);
                TestProxy proxy = proxy(tls(first.writeTo(folder, "a")), backend);
                RawClient client = new RawClient(connect(proxy, TestCertificate.trusting(first), ""))) {
            client.write("GET / HTTP/1.0\r\nHost: a.test\r\n\r\n");
            assertThatThrownBy(() -> client.in().readAllBytes()).isInstanceOf(IOException.class);
        }
    }

    private static void echo(RawBackend.Connection connection) throws IOException {
        connection.readHead();
        connection.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
        byte[] part = new byte[64];
        for (int length = connection.in().read(part);
                length > 0;
                length = connection.in().read(part)) {
            connection.write(new String(part, 0, length, StandardCharsets.US_ASCII));
        }
        connection.write("!");
    }

    private static void upgrade(RawClient client) throws IOException {
        client.write("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void aTunnelPassesOverTlsUntilTheClientClosesIt() throws Exception {
        try (RawBackend backend = new RawBackend(TlsIT::echo);
                TestProxy proxy = proxy(tls(first.writeTo(folder, "a")), backend);
                SSLSocket socket = connect(proxy, TestCertificate.trusting(first), "");
                RawClient client = new RawClient(socket)) {
            upgrade(client);
            client.write("ping");
            assertThat(client.in().readNBytes(4)).asString().isEqualTo("ping");
            socket.shutdownOutput();
            assertThat(client.in().readAllBytes()).asString().isIn("", "!");
        }
    }

    @Test
    void withCiphersOfItsOwnATunnelEndsByHalves() throws Exception {
        String tls = tls("ciphers: [TLS_AES_256_GCM_SHA384]", first.writeTo(folder, "a"));
        try (RawBackend backend = new RawBackend(TlsIT::echo);
                TestProxy proxy = proxy(tls, backend);
                SSLSocket socket = connect(proxy, TestCertificate.trusting(first), "");
                RawClient client = new RawClient(socket)) {
            assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_AES_256_GCM_SHA384");
            upgrade(client);
            client.write("ping");
            socket.shutdownOutput();
            assertThat(client.in().readAllBytes()).asString().isEqualTo("ping!");
        }
    }

    @Test
    void aRequestThatRunsIsFinishedAtTheStop() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        RawBackend.Script slow = connection -> {
            connection.readRequest();
            arrived.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            connection.respond(200, "late");
        };
        try (RawBackend backend = new RawBackend(slow);
                TestProxy proxy = proxy(tls(first.writeTo(folder, "a")), backend);
                RawClient client = new RawClient(connect(proxy, TestCertificate.trusting(first), ""))) {
            client.write(GET);
            arrived.await();
            Future<Void> stopping = proxy.listener().stop();
            answer.countDown();
            RawClient.Response response = client.read();
            assertThat(response.body()).isEqualTo("late");
            assertThat(response.header("Connection")).isEqualTo("close");
            Waiting.on(stopping);
            Waiting.until("nobody listens", () -> !isListening(proxy.listener().tlsPort()));
        }
    }

    private static boolean isListening(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }
}
