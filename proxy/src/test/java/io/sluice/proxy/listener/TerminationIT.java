package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.DownstreamTls;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.forward.Termination;
import io.sluice.proxy.route.RouteSettings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What observers are told about the end of an exchange and about its connection. */
class TerminationIT {
    private static final RouteSettings ALL = TestSettings.route();
    private static final String GET = "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n";

    private record Ended(
            Termination termination,
            String client,
            @Nullable DownstreamTls tls) {}

    private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
    private final ExchangeObserver noting = new ExchangeObserver() {
        @Override
        public void exchangeEnded(FinishedExchange exchange) {
            ended.add(new Ended(
                    exchange.termination(), exchange.client(), exchange.peer().tls()));
        }
    };

    private Ended next() throws InterruptedException {
        Ended next = ended.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no exchange ended");
        }
        return next;
    }

    private static RawBackend silent() {
        return new RawBackend(connection -> {
            connection.readRequest();
            connection.readRequest();
        });
    }

    @Test
    void aResponseThatIsCompleteIsDone() throws Exception {
        try (RawBackend backend = RawBackend.answering("fine");
                TestProxy proxy = TestProxy.observed(noting, ALL, backend)) {
            RawClient.call(proxy.port(), GET);
            Ended done = next();
            assertThat(done.termination()).isEqualTo(Termination.DONE);
            assertThat(done.client()).isEqualTo("127.0.0.1");
            assertThat(done.tls()).isNull();
        }
    }

    @Test
    void aRouteThatAnswersByItselfIsAnswered() throws Exception {
        RouteSettings route = TestSettings.route("respond: {body: mine}");
        try (RawBackend backend = RawBackend.answering("fine");
                TestProxy proxy = TestProxy.observed(noting, route, backend)) {
            RawClient.call(proxy.port(), GET);
            assertThat(next().termination()).isEqualTo(Termination.ANSWERED);
        }
    }

    @Test
    void aClientThatLeavesClosesIt() throws Exception {
        try (RawBackend backend = silent();
                TestProxy proxy = TestProxy.observed(noting, ALL, backend)) {
            try (RawClient client = new RawClient(proxy.port())) {
                client.write(GET);
                backend.nextRequest();
            }
            assertThat(next().termination()).isEqualTo(Termination.CLIENT_CLOSED);
        }
    }

    @Test
    void aBackendThatStopsInTheMiddleResetsIt() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                });
                TestProxy proxy = TestProxy.observed(noting, ALL, backend)) {
            RawClient.call(proxy.port(), GET);
            assertThat(next().termination()).isEqualTo(Termination.BACKEND_RESET);
        }
    }

    @Test
    void aProxyThatCanWaitNoLongerStopsIt() throws Exception {
        ListenerSettings hasty = TestSettings.listener("stop-timeout: 50ms");
        try (RawBackend backend = silent();
                TestProxy proxy = new TestProxy(noting, TestProxy.fixedPool(backend), hasty, ALL);
                RawClient client = new RawClient(proxy.port())) {
            client.write(GET);
            backend.nextRequest();
            Waiting.on(proxy.listener().stop());
            assertThat(next().termination()).isEqualTo(Termination.PROXY_STOPPING);
        }
    }

    @Test
    void encryptionIsTold(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "EC", "a.test");
        ListenerSettings settings = TestSettings.listener(TestSettings.tls("", certificate.writeTo(folder, "a")));
        try (RawBackend backend = RawBackend.answering("fine");
                TestProxy proxy = new TestProxy(noting, TestProxy.fixedPool(backend), settings, ALL);
                RawClient client = new RawClient(TestCertificate.trusting(certificate)
                        .getSocketFactory()
                        .createSocket(
                                InetAddress.getLoopbackAddress(),
                                proxy.listener().tlsPort()))) {
            client.write(GET);
            assertThat(client.read().status()).isEqualTo(200);
            DownstreamTls seen = Objects.requireNonNull(next().tls());
            assertThat(seen.version()).isEqualTo("TLSv1.3");
            assertThat(seen.cipher()).startsWith("TLS_");
        }
    }
}
