package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a backend may do wrong, at every stage of its response: the client sees a complete response, a 502, or a cut; never somebody else's bytes. */
class UpstreamFaultsIT {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";

    static Stream<Arguments> invalid() {
        return Stream.of(
                Arguments.of("TE and CL", OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("two lengths", OK + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
                Arguments.of("a list of lengths", OK + "Content-Length: 5, 6\r\n\r\nhello!"),
                Arguments.of("a negative length", OK + "Content-Length: -5\r\n\r\nhello"),
                Arguments.of("an overflowing length", OK + "Content-Length: 18446744073709551621\r\n\r\nhello"),
                Arguments.of("an empty length", OK + "Content-Length:\r\n\r\nhello"),
                Arguments.of("gzip, chunked", OK + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of(
                        "TE twice", OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("1.0 and TE", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("HTTP/2", "HTTP/2 200\r\n\r\n"),
                Arguments.of("no version", "200 OK\r\n\r\n"),
                Arguments.of("two digits", "HTTP/1.1 20 OK\r\n\r\n"),
                Arguments.of("four digits", "HTTP/1.1 2000 OK\r\n\r\n"),
                Arguments.of("status 099", "HTTP/1.1 099 OK\r\n\r\n"),
                Arguments.of("CR in the phrase", "HTTP/1.1 200 O\rK\r\n\r\n"),
                Arguments.of("bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
                Arguments.of("a folded field", OK + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("a space before the colon", OK + "Content-Length : 0\r\n\r\n"),
                Arguments.of("NUL in a value", OK + "X: \0\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("101 unasked", "HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
                Arguments.of("1xx without end", "HTTP/1.1 102 X\r\n\r\n".repeat(1000)),
                Arguments.of("a head without end", OK + "X: y\r\n".repeat(20_000)),
                Arguments.of("a line without end", "HTTP/1.1 200 " + "x".repeat(20_000)),
                Arguments.of("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    }

    /** Once closed and once left open, so that nobody waits for the end of the connection. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("invalid")
    void anInvalidResponseIs502(String what, String response) throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write(response);
                    connection.readHead();
                });
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < 2; i++) {
                client.write(POST);
                RawClient.Response seen = client.read();
                while (seen.status() < 200) {
                    seen = client.read();
                }
                assertThat(seen.status()).as(what).isEqualTo(502);
            }
            assertThat(proxy.nextExchange().attempts()).isEqualTo(1);
        }
    }

    static Stream<Arguments> complete() {
        return Stream.of(
                Arguments.of("by length", OK + "Content-Length: 5\r\n\r\nhello", 200, "hello"),
                Arguments.of(
                        "by length, twice", OK + "Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello", 200, "hello"),
                Arguments.of(
                        "by chunks", OK + "Transfer-Encoding: Chunked\r\n\r\n5;x\r\nhello\r\n0\r\n\r\n", 200, "hello"),
                Arguments.of("by the end of the connection", OK + "\r\nhello", 200, "hello"),
                Arguments.of("by the end, 1.0", "HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"),
                Arguments.of("nothing until the end", OK + "\r\n", 200, ""),
                Arguments.of("too long", OK + "Content-Length: 5\r\n\r\nhello and more", 200, "hello"),
                Arguments.of(
                        "chunks too long",
                        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nmore",
                        200,
                        "hello"),
                Arguments.of(
                        "two responses", OK + "Content-Length: 5\r\n\r\nhello" + OK + "X: evil\r\n\r\n", 200, "hello"),
                Arguments.of("no phrase", "HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nno", 404, "no"),
                Arguments.of(
                        "1xx before", "HTTP/1.1 100 C\r\n\r\n" + OK + "Content-Length: 5\r\n\r\nhello", 200, "hello"),
                Arguments.of("204 with a body", "HTTP/1.1 204 X\r\nContent-Length: 4\r\n\r\nevil", 204, ""),
                Arguments.of("304 with a body", "HTTP/1.1 304 X\r\nContent-Length: 4\r\n\r\nevil", 304, ""));
    }

    /** What follows a complete response on the backend's connection never reaches the next request, not even one that is waiting already. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("complete")
    void aCompleteResponseIsPassedOnAndNothingElse(String what, String response, int status, String body)
            throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write(response);
                });
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(GET.repeat(5));
            for (int i = 0; i < 5; i++) {
                RawClient.Response seen = client.read();
                assertThat(seen.complete()).as(what).isTrue();
                assertThat(seen.status()).isEqualTo(status);
                assertThat(seen.body()).isEqualTo(body);
                assertThat(seen.head()).doesNotContain("evil");
                assertThat(seen.header("Transfer-Encoding").isEmpty()
                                || seen.header("Content-Length").isEmpty())
                        .isTrue();
            }
        }
    }

    static Stream<Arguments> cut() {
        return Stream.of(
                Arguments.of("in its length", OK + "Content-Length: 5\r\n\r\nhell", false),
                Arguments.of("before its first byte", OK + "Content-Length: 5\r\n\r\n", false),
                Arguments.of("in a chunk", OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhe", false),
                Arguments.of("between chunks", OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false),
                Arguments.of("in the last chunk", OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false),
                Arguments.of(
                        "in its trailers", OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n", false),
                Arguments.of("in its length, by a reset", OK + "Content-Length: 5\r\n\r\nhell", true),
                Arguments.of("in a chunk, by a reset", OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhe", true),
                Arguments.of("without length, by a reset", OK + "\r\nhell", true),
                Arguments.of(
                        "by a broken chunk", OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n", false),
                Arguments.of(
                        "by a negative chunk",
                        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-1\r\n\r\n",
                        false),
                Arguments.of(
                        "by a chunk that overflows",
                        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10000000000000000\r\n",
                        false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cut")
    void aResponseThatIsCutIsNeverPassedOnAsComplete(String what, String response, boolean reset) throws Exception {
        CountDownLatch headSeen = new CountDownLatch(1);
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write(response);
                    // A reset would overtake what was not read yet.
                    await(headSeen);
                    if (reset) {
                        connection.reset();
                    }
                });
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(GET);
            String head = client.readHead();
            // What is known to be wrong before the head has left is not begun at all.
            assertThat(head.isEmpty() || head.startsWith("HTTP/1.1 200"))
                    .as(what)
                    .isTrue();
            headSeen.countDown();
            String rest = client.readRest();
            boolean chunked = head.contains("Transfer-Encoding: chunked");
            assertThat(rest.length() < 5 || (chunked && !rest.endsWith("0\r\n\r\n")))
                    .as(rest)
                    .isTrue();
            assertThat(proxy.nextExchange().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest(name = "after {0} bytes")
    @ValueSource(ints = {0, 1, 8, 13, 16, 17, 30, 40, 41})
    void aCloseInTheHeadIs502ForWhatCannotBeRepeated(int bytes) throws Exception {
        String response = OK + "Content-Length: 5\r\n\r\n";
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write(response.substring(0, Math.min(bytes, response.length() - 1)));
                });
                TestProxy proxy = TestProxy.to(backend)) {
            assertThat(RawClient.call(proxy.port(), POST).status()).isEqualTo(502);
            assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:closed_without_response");
        }
    }

    @Test
    void aCloseInTheHeadIsRetriedForWhatCan() throws Exception {
        try (RawBackend broken = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write(OK + "Content-Le");
                });
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(broken, good)) {
            for (int i = 0; i < 4; i++) {
                assertThat(RawClient.call(proxy.port(), GET).body()).isEqualTo("good");
            }
        }
    }

    /** It answers 503 at once and the upload grows beyond what can be repeated: whoever gets the request next has to get all of it. */
    @Test
    void anEarlyRefusalOfALargeUploadNeverLeavesAHoleInIt() throws Exception {
        int size = 600_000;
        CountDownLatch uploaded = new CountDownLatch(1);
        AtomicInteger refusals = new AtomicInteger();
        RawBackend.Script refusing = connection -> {
            connection.readHead();
            connection.write("HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\nno");
            refusals.incrementAndGet();
            await(uploaded);
            connection.write("no");
            connection.readHead();
        };
        RawBackend.Script good = connection -> {
            while (!connection.readWire().isEmpty()) {
                connection.respond(200, "good");
            }
        };
        try (RawBackend first = new RawBackend(refusing);
                RawBackend second = new RawBackend(good);
                TestProxy proxy = TestProxy.replaying(100_000, first, second)) {
            String head = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n";
            String body = "a".repeat(10) + "b".repeat(size - 10);
            for (int i = 0; i < 4; i++) {
                try (RawClient client = new RawClient(proxy.port())) {
                    client.write(head + body.substring(0, 10));
                    Waiting.until("it reached a backend", () -> refusals.get() + second.heads.size() > 0);
                    client.write(body.substring(10));
                    uploaded.countDown();
                    // Which of the two the proxy reads first is left to chance; too late, and the refusal is passed on.
                    int status = client.read().status();
                    assertThat(status).isIn(200, 503);
                    if (status == 200) {
                        assertThat(second.nextWire()).endsWith("\r\n\r\n" + body);
                    }
                    assertThat(second.wire).isEmpty();
                }
            }
            assertThat(first.heads).isNotEmpty();
        }
    }

    /** It closes without having read all, by which the kernel resets: a write of the proxy may meet that before the answer was read. */
    @Test
    void anEarlyAnswerIsNotLostToTheResetBehindIt() throws Exception {
        String answer = "x".repeat(20_000);
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readHead();
                    // Without that the proxy may use the connection again before it hears of the reset.
                    connection.respond(413, answer, "Connection: close");
                });
                TestProxy proxy = TestProxy.replaying(0, backend)) {
            String body = "b".repeat(2_000_000);
            for (int i = 0; i < 40; i++) {
                try (RawClient client = new RawClient(proxy.port())) {
                    client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n");
                    Thread writer = new Thread(() -> client.writeQuietly(body));
                    writer.start();
                    RawClient.Response seen = client.read();
                    assertThat(seen.status()).as("request %d", i).isEqualTo(413);
                    assertThat(seen.body()).hasSameSizeAs(answer);
                    writer.join();
                }
                assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:413");
            }
        }
    }

    /** The body comes with its head and no replay is allowed; it must not be lost while the backend is being connected. */
    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {1, 1000, 60_000, 100_000, 900_000})
    void aBodyThatCannotBeReplayedArrivesWhole(int size) throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    while (!connection.readWire().isEmpty()) {
                        connection.respond(200, "ok");
                    }
                });
                TestProxy proxy = TestProxy.replaying(0, backend)) {
            String body = "0123456789".repeat(size / 10 + 1).substring(0, size);
            String head = "POST / HTTP/1.1\r\nHost: h\r\n";
            String chunks = Integer.toHexString(size) + "\r\n" + body + "\r\n0\r\n\r\n";
            for (int i = 0; i < 3; i++) {
                assertThat(RawClient.call(proxy.port(), head + "Content-Length: " + size + "\r\n\r\n" + body)
                                .status())
                        .isEqualTo(200);
                assertThat(backend.nextWire()).endsWith("\r\n\r\n" + body);
                assertThat(RawClient.call(proxy.port(), head + "Transfer-Encoding: chunked\r\n\r\n" + chunks)
                                .status())
                        .isEqualTo(200);
                assertThat(RawBackend.withoutChunks(backend.nextWire())).endsWith("\r\n\r\n" + body + "|\r\n");
            }
        }
    }

    /** A part of a chunked body that was read ahead, behind another request, must not wait for more of it to come. */
    @Test
    void aPartOfABodyThatWasReadAheadIsPassedOnAtOnce() throws Exception {
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.respond(200, "first");
                    connection.readHead();
                    connection.read("3\r\nabc\r\n".length());
                    connection.write("HTTP/1.1 103 Seen\r\n\r\n");
                    connection.read("0\r\n\r\n".length());
                    connection.respond(200, "second");
                });
                TestProxy proxy = TestProxy.to(backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(GET + "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            assertThat(client.read().body()).isEqualTo("first");
            assertThat(client.read().status()).isEqualTo(103);
            client.write("0\r\n\r\n");
            assertThat(client.read().body()).isEqualTo("second");
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IOException("nobody came");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
