package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.health.HealthChecker;
import io.sluice.proxy.health.HealthObserver;
import io.sluice.proxy.health.HealthSettings;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.tls.BackendTls;
import io.sluice.proxy.tls.BackendTlsSettings;
import io.sluice.proxy.tls.BackendTransport;
import io.vertx.core.Vertx;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS between proxy and backends. */
class BackendTlsIT {
    private static final RouteSettings ROUTE = TestSettings.route();
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";

    private static TestAuthority authority;
    private static TestAuthority.Issued good;
    private static TestAuthority.Issued expired;
    private static BackendTlsSettings trusting;

    @TempDir
    private Path folder;

    @BeforeAll
    static void issue(@TempDir Path made) throws Exception {
        authority = new TestAuthority(made);
        good = authority.issue("-1d", 30, "backend.test", "127.0.0.1");
        expired = authority.issue("-10d", 5, "backend.test", "127.0.0.1");
        // The folder goes after this class has run.
        trusting = BackendTlsSettings.defaults().withCa(authority.file());
    }

    private static RawBackend backend(TestAuthority.Issued certificate, RawBackend.Script script) throws Exception {
        return new RawBackend(script, new TlsServerSocket(certificate.server()));
    }

    private static RawBackend answering(TestAuthority.Issued certificate) throws Exception {
        return backend(certificate, connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(200, "ok");
            }
        });
    }

    private static BackendTls loaded(BackendTlsSettings settings) {
        BackendTls tls = new BackendTls("test", settings, false);
        tls.load();
        return tls;
    }

    private static TestProxy proxy(BackendTlsSettings settings, RawBackend... backends) {
        return TestProxy.overTls(loaded(settings), TestSettings.route("upgrade: true"), backends);
    }

    @Test
    void requestsAndResponsesPassOnConnectionsThatAreKept() throws Exception {
        RawBackend.Script echo = connection -> {
            String head = connection.readHead();
            while (!head.isEmpty()) {
                connection.respond(200, connection.read(RawBackend.contentLength(head)));
                head = connection.readHead();
            }
        };
        try (RawBackend backend = backend(good, echo);
                TestProxy proxy = proxy(trusting, backend);
                RawClient client = new RawClient(proxy.port())) {
            for (int size = 1; size < 1_000_000; size *= 10) {
                String body = "x".repeat(size);
                client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n" + body);
                RawClient.Response response = client.read();
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.body()).hasSameSizeAs(body);
            }
            assertThat(backend.accepted()).isEqualTo(1);
        }
    }

    @Test
    void sessionsAreResumedAndBackendsAreAskedForTheirName() throws Exception {
        BlockingQueue<SSLSocket> seen = new LinkedBlockingQueue<>();
        RawBackend.Script closing = connection -> {
            connection.readRequest();
            seen.add((SSLSocket) connection.socket());
            connection.respond(200, "ok", "Connection: close");
        };
        TlsServerSocket server =
                new TlsServerSocket(good.server(), socket -> socket.setEnabledProtocols(new String[] {"TLSv1.2"}));
        try (RawBackend backend = new RawBackend(closing, server);
                TestProxy proxy = proxy(trusting.withServerName("backend.test"), backend)) {
            for (int i = 0; i < 3; i++) {
                assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(200);
            }
            ExtendedSSLSession first = (ExtendedSSLSession) seen.take().getSession();
            assertThat(first.getRequestedServerNames().toString()).contains("backend.test");
            assertThat(seen.take().getSession().getCreationTime()).isEqualTo(first.getCreationTime());
            assertThat(seen.take().getSession().getCreationTime()).isEqualTo(first.getCreationTime());
            assertThat(backend.accepted()).isEqualTo(3);
        }
    }

    /** Nothing of the request has left, so that it goes to another backend whatever its method. */
    @Test
    void aCertificateThatHasExpiredSendsTheRequestElsewhere() throws Exception {
        try (RawBackend bad = answering(expired);
                RawBackend next = answering(good);
                TestProxy proxy = proxy(trusting, bad, next)) {
            for (int i = 0; i < 2; i++) {
                assertThat(RawClient.call(proxy.port(), POST).status()).isEqualTo(200);
            }
            assertThat(List.of(proxy.nextExchange(), proxy.nextExchange()))
                    .extracting(TestProxy.Seen::attemptFailures)
                    .contains(List.of("b1:tls_certificate_expired", "b2:200"));
            assertThat(bad.requests).isEmpty();
            assertThat(proxy.passive.take()).isEqualTo("b1 tls_certificate_expired");
        }
    }

    private static void assertRefused(BackendTlsSettings settings, RawBackend backend, Failure expected)
            throws Exception {
        try (TestProxy proxy = proxy(settings, backend)) {
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(502);
            assertThat(proxy.nextExchange().failure()).isEqualTo(expected);
            assertThat(backend.requests).isEmpty();
            Waiting.until("its connections are closed", () -> backend.open() == 0);
        }
    }

    @Test
    void whoeverCannotProveWhoItIsGetsNothing() throws Exception {
        try (RawBackend late = answering(expired);
                RawBackend right = answering(good);
                RawBackend plain = new RawBackend(connection -> connection.write("SSH-2.0-x\r\n\r\n"))) {
            assertRefused(trusting, late, Failure.TLS_CERTIFICATE_EXPIRED);
            assertRefused(BackendTlsSettings.defaults(), right, Failure.TLS_UNKNOWN_CA);
            assertRefused(trusting.withServerName("other.test"), right, Failure.TLS_NAME_MISMATCH);
            assertRefused(trusting, plain, Failure.TLS_FAILED);
        }
    }

    @Test
    void withoutVerificationAnybodyIsBelieved() throws Exception {
        try (RawBackend backend = answering(expired);
                TestProxy proxy = proxy(
                        BackendTlsSettings.defaults().withoutVerification().withServerName("x.test"), backend)) {
            assertThat(RawClient.call(proxy.port(), GET).body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theProxyShowsItsOwnCertificate(String protocol) throws Exception {
        TlsServerSocket server = new TlsServerSocket(good.server(), socket -> {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.setNeedClientAuth(true);
        });
        RawBackend.Script script = connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(200, "ok");
            }
        };
        try (RawBackend backend = new RawBackend(script, server)) {
            try (TestProxy proxy = proxy(trusting.withCertificate(good.files()), backend)) {
                assertThat(RawClient.call(proxy.port(), POST).body()).isEqualTo("ok");
            }
            backend.requests.clear();
            try (TestProxy proxy = proxy(trusting, backend)) {
                assertThat(RawClient.call(proxy.port(), POST).status()).isEqualTo(502);
                // With 1.3 the handshake is over for a client before it was judged; its connection may also just end.
                assertThat(proxy.nextExchange().failure())
                        .isIn(Failure.TLS_FAILED, Failure.TLS_REFUSED, Failure.CLOSED_WITHOUT_RESPONSE);
                assertThat(backend.requests).isEmpty();
            }
        }
    }

    @Test
    void aHandshakeThatStallsIsAConnectTimeoutAndItsConnectionIsClosed() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        RawBackend.Script silent = connection -> {
            while (connection.in().read() >= 0) {
                // Reads the greeting, and says nothing.
            }
            closed.countDown();
        };
        RouteSettings hasty = TestSettings.route("connect-timeout: 200ms");
        try (RawBackend backend = new RawBackend(silent);
                TestProxy proxy = TestProxy.overTls(loaded(trusting), hasty, backend)) {
            assertThat(RawClient.call(proxy.port(), POST).status()).isEqualTo(504);
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CONNECT_TIMEOUT);
            assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aBodyThatEndsWithItsConnectionIsCompleteOnlyAfterAGoodbye() throws Exception {
        TlsServerSocket server = new TlsServerSocket(good.server());
        RawBackend.Script script = connection -> {
            String head = connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\n\r\nhello");
            if (head.startsWith("GET /cut")) {
                server.cut(connection.socket());
            }
        };
        try (RawBackend backend = new RawBackend(script, server);
                TestProxy proxy = proxy(trusting, backend)) {
            assertThat(RawClient.call(proxy.port(), GET).complete()).isTrue();
            assertThat(proxy.nextExchange().failure()).isNull();
            try (RawClient client = new RawClient(proxy.port())) {
                client.write("GET /cut HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(client.read().complete()).isFalse();
            }
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.RESPONSE_CUT);
        }
    }

    @Test
    void tunnelsPassThroughAndEndByHalves() throws Exception {
        RawBackend.Script reversing = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello");
            String all = new String(connection.in().readAllBytes(), StandardCharsets.ISO_8859_1);
            connection.write("got " + all);
        };
        try (RawBackend backend = backend(good, reversing);
                TestProxy proxy = proxy(trusting, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 101");
            InputStream in = client.in();
            assertThat(new String(in.readNBytes(5), StandardCharsets.ISO_8859_1))
                    .isEqualTo("hello");
            client.write("some bytes");
            client.shutdownOutput();
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .isEqualTo("got some bytes");
        }
    }

    @Test
    void filesThatChangeAreTakenOver() throws Exception {
        Path ca = folder.resolve("ca.pem");
        Files.writeString(
                ca,
                Files.readString(TestCertificate.make(folder, "EC", "a.test")
                        .writeTo(folder, "other")
                        .certificate()));
        BackendTls tls = loaded(trusting.withCa(ca));
        try (RawBackend backend = answering(good);
                TestProxy proxy = TestProxy.overTls(tls, ROUTE, backend)) {
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(502);
            Files.writeString(ca, "rubbish");
            tls.reload();
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(502);
            Files.copy(Objects.requireNonNull(trusting.ca()), ca, StandardCopyOption.REPLACE_EXISTING);
            tls.reload();
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(200);
        }
    }

    private record Checks(Vertx vertx, BackendPool pool, HealthChecker checker) implements AutoCloseable {
        static Checks of(RawBackend backend, BackendTlsSettings settings) {
            Vertx vertx = Vertx.vertx();
            BackendPool pool = BackendPool.fixed(
                    PoolSettings.of("test", List.of(new BackendSettings("b1", backend.address(), null, 1))));
            HealthSettings health = TestSettings.health("path: /health", "interval: 100ms");
            HealthChecker checker = new HealthChecker(
                    vertx,
                    pool,
                    health.probes(),
                    new BackendTransport(loaded(settings), false),
                    new HealthObserver() {},
                    Clock.systemUTC(),
                    System::nanoTime);
            Waiting.on(checker.start());
            return new Checks(vertx, pool, checker);
        }

        Backend backend() {
            return pool.snapshot().backend("b1").orElseThrow();
        }

        @Override
        public void close() {
            Waiting.on(checker.stop());
            Waiting.on(vertx.close());
        }
    }

    @Test
    void healthChecksSpeakTlsToo() throws Exception {
        TlsServerSocket server = new TlsServerSocket(good.server(), socket -> socket.setNeedClientAuth(true));
        BlockingQueue<String> names = new LinkedBlockingQueue<>();
        RawBackend.Script script = connection -> {
            while (!connection.readRequest().isEmpty()) {
                ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) connection.socket()).getSession();
                names.add(session.getRequestedServerNames().toString());
                connection.respond(200, "ok");
            }
        };
        BackendTlsSettings settings = trusting.withServerName("backend.test").withCertificate(good.files());
        try (RawBackend backend = new RawBackend(script, server);
                Checks checks = Checks.of(backend, settings)) {
            Waiting.until("up", () -> checks.backend().observation().health() == Health.UP);
            assertThat(names.take()).contains("backend.test");
        }
        try (RawBackend backend = answering(expired);
                Checks checks = Checks.of(backend, trusting)) {
            Waiting.until("judged", () -> checks.backend().observation().health() == Health.DOWN);
            assertThat(checks.checker()
                            .history(checks.backend())
                            .get(0)
                            .result()
                            .error())
                    .contains("expired");
        }
    }

    @Test
    void healthChecksCheckTheName() throws Exception {
        try (RawBackend backend = answering(good);
                Checks checks = Checks.of(backend, trusting.withServerName("other.test"))) {
            Waiting.until("judged", () -> checks.backend().observation().health() == Health.DOWN);
            assertThat(checks.checker()
                            .history(checks.backend())
                            .get(0)
                            .result()
                            .error())
                    .contains("for another name");
        }
    }
}
