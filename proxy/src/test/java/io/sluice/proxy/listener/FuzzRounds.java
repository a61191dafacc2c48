package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.sluice.proxy.TestSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * Rounds of random connections to a proxy, for as long as {@code fuzz.seconds} says.
 *
 * <p>What must hold after each: the backend, which reads strictly, got only what the proxy says it forwarded (one more would have been smuggled),
 * and nothing malformed; no request is in flight; no error is logged, a leak neither; the next connection is served.
 */
final class FuzzRounds {
    /** Makes one connection, and says on it what the numbers tell. */
    interface Client {
        void connect(int port, Random random) throws IOException;
    }

    /** Asks for {@code /end}, properly. */
    interface Probe {
        int status(int port) throws Exception;
    }

    private static final int CONNECTIONS = 40;
    private static final int MOST_UNANSWERED = 4_000;
    private static final String STRICT_HEAD = "(?s)[A-Z]+ [/*][!-~]* HTTP/1\\.1\r\n([!-9;-~]+:[^\r\n\0]*\r\n)*";

    /** Those that the proxy said it forwarded and the backend has not got yet; it may get them later, or never. */
    private final List<String> forwardedLines = new ArrayList<>();

    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Queue<String> malformed = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                logged.add(event.getFormattedMessage());
            }
        }
    };

    private FuzzRounds() {}

    static void run(ListenerSettings settings, Client client, Probe probe) throws Exception {
        new FuzzRounds().runAll(settings, client, probe);
    }

    private void runAll(ListenerSettings settings, Client client, Probe probe) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("fuzz.seconds"));
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        log.start();
        root.addAppender(log);
        long rounds = 0;
        long forwarded = 0;
        try (RawBackend backend = new RawBackend(this::serve);
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), settings, TestSettings.route())) {
            while (System.nanoTime() < until) {
                Random random = new Random(seed + rounds);
                for (int i = 0; i < CONNECTIONS; i++) {
                    client.connect(proxy.port(), random);
                }
                forwarded += check(seed + rounds, proxy, backend, probe);
                rounds++;
            }
        } finally {
            root.detachAppender(log);
        }
        LoggerFactory.getLogger(FuzzRounds.class)
                .info("seed {}: {} connections, {} requests forwarded", seed, rounds * CONNECTIONS, forwarded);
        assertThat(forwarded).isPositive();
    }

    private void serve(RawBackend.Connection connection) throws IOException {
        try {
            String request = connection.readWire();
            while (!request.isEmpty()) {
                String head = request.substring(0, request.indexOf("\r\n\r\n") + 2);
                if (!head.matches(STRICT_HEAD) || head.split("\r\nHost: ", -1).length != 2) {
                    malformed.add(request);
                }
                connection.respond(200, request.startsWith("HEAD ") ? "" : "ok");
                request = connection.readWire();
            }
        } catch (NumberFormatException notAChunk) {
            malformed.add("chunk size: " + notAChunk.getMessage());
        }
    }

    /** Returns how many requests the backend got. */
    private int check(long seed, TestProxy proxy, RawBackend backend, Probe probe) throws Exception {
        // Connections to the proxy may still be read; another request behind them all has to wait for none.
        awaitIdle(seed, proxy);
        assertThat(probe.status(proxy.port())).as("seed %d", seed).isEqualTo(200);
        awaitIdle(seed, proxy);
        List<String> got = new ArrayList<>();
        backend.wire.drainTo(got);
        backend.heads.clear();
        for (String wire : got) {
            String line = wire.substring(0, wire.indexOf(" HTTP/1.1"));
            // What the backend has already may not be over for the proxy.
            Waiting.until("seed " + seed + ": smuggled " + wire, () -> {
                forwardedLines.addAll(proxy.takeForwarded());
                return forwardedLines.remove(line);
            });
        }
        if (forwardedLines.size() > MOST_UNANSWERED) {
            forwardedLines.subList(0, forwardedLines.size() - MOST_UNANSWERED).clear();
        }
        assertThat(malformed).as("seed %d", seed).isEmpty();
        assertThat(logged).as("seed %d", seed).isEmpty();
        return got.size();
    }

    private static void awaitIdle(long seed, TestProxy proxy) {
        Waiting.until(
                "seed " + seed + ": leases returned", () -> proxy.backend("b1").inFlight() == 0);
    }
}
