package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.slf4j.LoggerFactory;

/**
 * Random requests, valid ones that were damaged, cut into random pieces, on connections that end at random. Runs only when asked to, with
 * {@code -Dfuzz.seconds=600} and perhaps {@code -Dseed=}: {@code docs/fuzzing.md}.
 *
 * <p>What must hold: the backend, which reads strictly, never gets a request other than those that the proxy says it forwarded (one more would have
 * been smuggled); nothing it gets is malformed; after each round no request is in flight; no bug is logged.
 */
@EnabledIfSystemProperty(named = "fuzz.seconds", matches = "\\d+")
class RequestFuzzTest {
    private static final int CONNECTIONS_PER_ROUND = 40;
    private static final int MOST_UNANSWERED = 2_000;

    private static final String[] LINES = {
        "GET /NUMBER HTTP/1.1\r\n",
        "POST /a?NUMBER HTTP/1.1\r\n",
        "PUT /NUMBER HTTP/1.0\r\n",
        "HEAD /NUMBER HTTP/1.1\r\n",
        "OPTIONS * HTTP/1.1\r\n",
        "GET http://h/NUMBER HTTP/1.1\r\n",
        "DELETE /%41NUMBER HTTP/1.1\r\n",
        "GET /../NUMBER HTTP/1.1\r\n",
        "get /NUMBER HTTP/1.1\r\n",
        "GET /NUMBER\r\n"
    };
    private static final String[] FIELDS = {
        "Host: h\r\n",
        "Host: h\r\n",
        "Host: h\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 70000\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\tchunked \r\n",
        "Transfer-Encoding: identity\r\n",
        "Connection: close\r\n",
        "Connection: keep-alive, X\r\n",
        "Connection: upgrade\r\n",
        "Upgrade: websocket\r\n",
        "Expect: 100-continue\r\n",
        "X: y\r\n",
        " folded\r\n",
        "X: \u00e9\0\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n",
        "TE: trailers\r\n",
        "X-Long: " + "l".repeat(3000) + "\r\n",
        "Via: 1.1 sluice\r\n"
    };
    private static final String[] BODIES = {
        "",
        "",
        "hello",
        "5\r\nhello\r\n0\r\n\r\n",
        "5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n",
        "0\r\n\r\n",
        "5\r\nhel",
        "ffffffffffffffff\r\n",
        "-1\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "2\nhi\n0\n\n",
        "b".repeat(70_000),
        "GET /NUMBER HTTP/1.1\r\nHost: h\r\n\r\n",
        "29\r\nGET /NUMBER HTTP/1.1\r\nHost: h\r\nX: abcdef\r\n0\r\n\r\n"
    };
    private static final String[] VALID = {
        "GET /NUMBER HTTP/1.1\r\nHost: h\r\n\r\n",
        "HEAD /NUMBER HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /NUMBER HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /NUMBER HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + "b".repeat(70_000),
        "POST /NUMBER HTTP/1.1\r\nHost: h\r\nContent-Length: 38\r\n\r\nGET /NUMBER HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n",
        "POST /NUMBER HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x\r\n!\r\n0\r\nT: 1\r\n\r\n"
    };
    private static final String DAMAGE = "\r\n\0 :;,\t05aZ/\u00ff\u007f";

    /** Those that the proxy said it forwarded and the backend has not got yet; it may get them later, or never. */
    private final List<String> forwardedLines = new ArrayList<>();

    /** Each has its own number, so that none can pass for another. */
    private int requests;

    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Queue<String> malformed = new ConcurrentLinkedQueue<>();

    @Test
    void nothingIsForwardedThatWasNotUnderstood() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("fuzz.seconds"));
        AppenderBase<ILoggingEvent> appender = watchLog();
        long rounds = 0;
        long connections = 0;
        long forwarded = 0;
        try (RawBackend backend = new RawBackend(this::serve);
                TestProxy proxy = TestProxy.to(backend)) {
            while (System.nanoTime() < until) {
                Random random = new Random(seed + rounds);
                for (int i = 0; i < CONNECTIONS_PER_ROUND; i++) {
                    connect(proxy.port(), random);
                }
                forwarded += check(seed + rounds, proxy, backend);
                rounds++;
                connections += CONNECTIONS_PER_ROUND;
            }
        } finally {
            ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(appender);
        }
        LoggerFactory.getLogger(RequestFuzzTest.class)
                .info("seed {}: {} connections, {} requests forwarded", seed, connections, forwarded);
        assertThat(forwarded).isPositive();
    }

    private AppenderBase<ILoggingEvent> watchLog() {
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                    logged.add(event.getFormattedMessage());
                }
            }
        };
        appender.start();
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(appender);
        return appender;
    }

    private void serve(RawBackend.Connection connection) throws IOException {
        try {
            String request = connection.readWire();
            while (!request.isEmpty()) {
                if (!request.matches("(?s)[A-Z]+ [/*][!-~]* HTTP/1\\.1\r\n.*") || count(request, "\r\nHost: ") != 1) {
                    malformed.add(request);
                }
                connection.respond(200, request.startsWith("HEAD ") ? "" : "ok");
                request = connection.readWire();
            }
        } catch (NumberFormatException notAChunk) {
            malformed.add("chunk size: " + notAChunk.getMessage());
        }
    }

    private static int count(String text, String part) {
        String head = text.substring(0, text.indexOf("\r\n\r\n") + 2);
        return (head.length() - head.replace(part, "").length()) / part.length();
    }

    private String request(Random random) {
        StringBuilder text = new StringBuilder();
        if (random.nextInt(3) > 0) {
            text.append(VALID[random.nextInt(VALID.length)]);
        } else {
            text.append(LINES[random.nextInt(LINES.length)]).append(FIELDS[0]);
            for (int i = random.nextInt(4); i > 0; i--) {
                text.append(FIELDS[random.nextInt(FIELDS.length)]);
            }
            text.append("\r\n").append(BODIES[random.nextInt(BODIES.length)]);
        }
        int number = text.indexOf("NUMBER");
        while (number >= 0) {
            requests++;
            text.replace(number, number + 6, String.format("%06d", requests % 1_000_000));
            number = text.indexOf("NUMBER");
        }
        if (random.nextInt(3) == 0) {
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                damage(text, random);
            }
        }
        return text.toString();
    }

    private static void damage(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        String octet = String.valueOf(DAMAGE.charAt(random.nextInt(DAMAGE.length())));
        switch (random.nextInt(3)) {
            case 0 -> text.deleteCharAt(at);
            case 1 -> text.insert(at, octet);
            default -> text.replace(at, at + 1, octet);
        }
    }

    private void connect(int port, Random random) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            text.append(request(random));
        }
        try (RawClient client = new RawClient(port)) {
            int at = 0;
            int most = random.nextBoolean() ? text.length() : 1 + random.nextInt(200);
            int end = random.nextInt(3) == 0 ? random.nextInt(text.length()) : text.length();
            while (at < end) {
                int next = Math.min(end, at + 1 + random.nextInt(Math.max(most, text.length() / 50)));
                client.writeQuietly(text.substring(at, next));
                at = next;
            }
            if (random.nextInt(4) == 0) {
                client.reset();
            } else {
                client.awaitSomething(random.nextInt(20));
            }
        }
    }

    /** Returns how many requests the backend got. */
    private int check(long seed, TestProxy proxy, RawBackend backend) throws Exception {
        Waiting.until(
                "seed " + seed + ": leases returned", () -> proxy.backend("b1").inFlight() == 0);
        // Connections to the proxy may still be read; another request behind them all has to wait for none.
        assertThat(RawClient.call(proxy.port(), "GET /end HTTP/1.1\r\nHost: h\r\n\r\n")
                        .status())
                .isEqualTo(200);
        Waiting.until(
                "seed " + seed + ": leases returned", () -> proxy.backend("b1").inFlight() == 0);
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
}
