package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.sluice.proxy.TestSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Clients that break off happen all day, and are nobody's fault: the log has nothing to say about them. */
class QuietLogIT {
    private static final int TIMES = 10;
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            String logger = event.getLoggerName();
            boolean ofTraffic = logger.startsWith("io.sluice.proxy") || logger.startsWith("io.netty");
            if (ofTraffic && event.getLevel().isGreaterOrEqual(Level.INFO)) {
                lines.add(event.getLevel() + " " + logger + " " + event.getFormattedMessage());
            }
        }
    };

    @BeforeEach
    void listen() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    @AfterEach
    void leave() {
        root.detachAppender(appender);
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** Sends this, waits for so many bytes of an answer, and resets the connection. */
    private static void breakOff(int port, @Nullable SSLContext tls, String request, int answer) throws IOException {
        Socket socket = connect(port);
        RawClient client = new RawClient(tls == null ? socket : over(tls, socket));
        client.write(request);
        assertThat(client.in().readNBytes(answer)).hasSize(answer);
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static SSLSocket over(SSLContext tls, Socket socket) throws IOException {
        SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(socket, "127.0.0.1", socket.getPort(), true);
        secure.startHandshake();
        return secure;
    }

    /** @param library another cipher than the usual ones has the JDK speak in the place of BoringSSL */
    @ParameterizedTest
    @ValueSource(strings = {"none", "usual", "ciphers: [TLS_AES_256_GCM_SHA384]"})
    void clientsThatBreakOffAreNotLogged(String library, @TempDir Path folder) throws Exception {
        TestAuthority.Issued issued = new TestAuthority(folder).issue("-1d", 30, "127.0.0.1");
        SSLContext tls = library.equals("none") ? null : issued.server();
        String line =
                tls == null ? "http2: true" : TestSettings.tls(library.equals("usual") ? "" : library, issued.files());
        try (RawBackend backend = RawBackend.answering("x".repeat(4_000_000));
                TestProxy proxy = new TestProxy(
                        TestProxy.fixedPool(backend), TestSettings.listener(line), TestSettings.route())) {
            int port = tls == null ? proxy.port() : proxy.listener().tlsPort();
            for (int i = 0; i < TIMES; i++) {
                breakOff(port, tls, "", 0);
                breakOff(port, tls, GET.substring(0, 20), 0);
                breakOff(port, tls, GET, 0);
                breakOff(port, tls, GET, 1000);
                breakOff(port, tls, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx", 0);
                try (Socket socket = connect(port)) {
                    // In the middle of the handshake, if there is one.
                    socket.getOutputStream().write(new byte[] {22, 3, 1, 2});
                    socket.setSoLinger(true, 0);
                }
            }
            Waiting.until(
                    "all are gone",
                    () -> proxy.listener().connections() == 0
                            && proxy.backend("b1").inFlight() == 0);
            assertThat(lines).isEmpty();
        }
    }
}
