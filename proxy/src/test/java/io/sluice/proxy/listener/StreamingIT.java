package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.route.RouteSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Bodies in both directions: back-pressure, ends that come too early, peers that leave. */
class StreamingIT {
    private static final int CHUNK = 64 * 1024;
    private static final int CHUNKS = 1024;
    private static final long TOTAL = (long) CHUNK * CHUNKS;
    /** What sockets, queues and the replay window may hold between two peers of which one does not read. */
    private static final long MOST_IN_TRANSIT = 24L << 20;

    private static final RouteSettings ROUTE = TestSettings.route("max-body: 1TiB");

    @Test
    void anUploadIsReadOnlyAsFastAsTheBackendTakesIt() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        RawBackend.Script slow = connection -> {
            connection.readHead();
            await(read);
            long bytes = 0;
            while (bytes < TOTAL) {
                bytes += connection.in().readNBytes(CHUNK).length;
            }
            connection.respond(200, "got " + bytes);
        };
        try (RawBackend backend = new RawBackend(slow);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("PUT /big HTTP/1.1\r\nHost: h\r\nContent-Length: " + TOTAL + "\r\n\r\n");
            AtomicLong sent = new AtomicLong();
            CompletableFuture<Void> upload = CompletableFuture.runAsync(() -> upload(client, sent));
            assertThat(whereItStalls(sent)).isLessThan(MOST_IN_TRANSIT);
            assertThat(proxy.listener().replayBytes()).isLessThanOrEqualTo(1 << 20);
            read.countDown();
            assertThat(client.read().body()).isEqualTo("got " + TOTAL);
            upload.get(10, TimeUnit.SECONDS);
            TestProxy.Seen seen = proxy.nextExchange();
            assertThat(seen.requestBytes()).isEqualTo(TOTAL);
            assertThat(proxy.listener().replayBytes()).isZero();
        }
    }

    @Test
    void aDownloadIsReadOnlyAsFastAsTheClientTakesIt() throws Exception {
        AtomicLong sent = new AtomicLong();
        RawBackend.Script fast = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + TOTAL + "\r\n\r\n");
            byte[] chunk = new byte[CHUNK];
            for (int i = 0; i < CHUNKS; i++) {
                connection.write(chunk);
                sent.addAndGet(CHUNK);
            }
            connection.readRequest();
        };
        try (RawBackend backend = new RawBackend(fast);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(whereItStalls(sent)).isLessThan(MOST_IN_TRANSIT);
            String head = client.readHead();
            assertThat(head).contains("Content-Length: " + TOTAL);
            long received = 0;
            byte[] chunk = new byte[CHUNK];
            while (received < TOTAL) {
                received += client.in().read(chunk);
            }
            assertThat(proxy.nextExchange().responseBytes()).isEqualTo(TOTAL);
        }
    }

    @Test
    void aBodyThatGrowsTooLargeWhileItIsAnsweredCutsTheResponse() throws Exception {
        RawBackend.Script early = connection -> {
            connection.readHead();
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            connection.readRequest();
        };
        RouteSettings small = TestSettings.route("max-body: 10");
        try (RawBackend backend = new RawBackend(early);
                TestProxy proxy = TestProxy.to(small, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200");
            client.write("8\r\ntoo much\r\n");
            TestProxy.Seen seen = proxy.nextExchange();
            assertThat(seen.failure()).isEqualTo(Failure.BODY_TOO_LARGE);
            assertThat(seen.status()).isEqualTo(200);
            assertThat(new String(client.in().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("5\r\nhello\r\n");
        }
    }

    @Test
    void chunkedResponsesKeepTheirTrailersAndStreamAtOnce() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n");
            await(more);
            connection.write("6\r\n world\r\n0\r\nX-Sum: 11\r\nContent-Length: 3\r\n\r\n");
            connection.readRequest();
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            String head = client.readHead();
            assertThat(head).containsIgnoringCase("transfer-encoding: chunked").contains("Trailer: X-Sum");
            assertThat(new String(client.in().readNBytes(10), StandardCharsets.US_ASCII))
                    .isEqualTo("5\r\nhello\r\n");
            more.countDown();
            byte[] expected = "6\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            assertThat(client.in().readNBytes(expected.length)).isEqualTo(expected);
        }
    }

    @Test
    void aResponseThatEndsTooEarlyIsNotPassedOnAsComplete() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response response = RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response.complete()).isFalse();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.RESPONSE_CUT);
            assertThat(proxy.passive).containsExactly("b1 response_cut");
        }
    }

    @Test
    void aChunkedResponseThatEndsTooEarlyIsNotPassedOnAsComplete() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response response = RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response.complete()).isFalse();
        }
    }

    @Test
    void aStalledResponseIsCut() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
            connection.readRequest();
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(TestSettings.route("idle-timeout: 200ms"), backend)) {
            RawClient.Response response = RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response.complete()).isFalse();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.RESPONSE_TIMEOUT);
        }
    }

    @Test
    void aClientThatLeavesWhileItWaitsEndsItsRequestAtTheBackend() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        RawBackend.Script silent = connection -> {
            connection.readRequest();
            if (connection.in().read() < 0) {
                closed.countDown();
            }
        };
        try (RawBackend backend = new RawBackend(silent);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient client = new RawClient(proxy.port());
            client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            backend.nextRequest();
            client.reset();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            TestProxy.Seen seen = proxy.nextExchange();
            assertThat(seen.failure()).isEqualTo(Failure.CLIENT_GONE);
            assertThat(seen.status()).isEqualTo(499);
            assertThat(proxy.passive).isEmpty();
            assertThat(proxy.backend("b1").inFlight()).isZero();
        }
    }

    @Test
    void requestTrailersReachTheBackend() throws Exception {
        BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
        RawBackend.Script keeping = connection -> {
            connection.readHead();
            bodies.add(connection.read("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n".length()));
            connection.respond(200, "ok");
        };
        try (RawBackend backend = new RawBackend(keeping);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
            client.write("5;ignored=1\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(backend.heads.remove()).contains("Trailer: X-Sum\r\n");
            assertThat(bodies.remove()).isEqualTo("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
        }
    }

    @Test
    void interimResponsesReachTheClient() throws Exception {
        RawBackend.Script hinting = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: X-Secret\r\n\r\n");
            connection.respond(200, "ok");
        };
        try (RawBackend backend = new RawBackend(hinting);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.readHead()).isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
            assertThat(client.read().body()).isEqualTo("ok");
        }
    }

    @Test
    void aClientThatLeavesDuringItsUploadNeverCompletesARequest() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        RawBackend.Script reading = connection -> {
            connection.readHead();
            byte[] body = connection.in().readAllBytes();
            assertThat(body.length).isLessThan(1_000_000);
            closed.countDown();
        };
        try (RawBackend backend = new RawBackend(reading);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient client = new RawClient(proxy.port());
            client.write("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
            client.write("x".repeat(100_000));
            Waiting.until("the head arrived", () -> !backend.heads.isEmpty());
            client.reset();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
        }
    }

    @Test
    void aClientThatLeavesDuringItsDownloadFreesTheBackend() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        RawBackend.Script endless = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            try {
                while (true) {
                    connection.write("5\r\nhello\r\n");
                }
            } catch (IOException gone) {
                closed.countDown();
            }
        };
        try (RawBackend backend = new RawBackend(endless);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient client = new RawClient(proxy.port());
            client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            client.readHead();
            client.reset();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
        }
    }

    /** The HTTP client would keep a connection whose request was reset after an early answer, and never answer on it again. */
    @Test
    void anEarlyAnswerDuringAnUploadReachesTheClientAndSpoilsNoConnection() throws Exception {
        RawBackend.Script early = connection -> {
            String head = connection.readHead();
            while (head.startsWith("GET")) {
                connection.respond(200, "fine");
                head = connection.readHead();
            }
            connection.respond(413, "too much");
            connection.in().readAllBytes();
        };
        try (RawBackend backend = new RawBackend(early);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            for (int i = 0; i < 5; i++) {
                try (RawClient client = new RawClient(proxy.port())) {
                    client.write("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n" + "x".repeat(200_000));
                    RawClient.Response response = client.read();
                    assertThat(response.status()).isEqualTo(413);
                    assertThat(response.body()).isEqualTo("too much");
                    assertThat(response.header("Connection")).isEqualTo("close");
                }
                RawClient.Response after = RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(after.body()).isEqualTo("fine");
            }
        }
    }

    @Test
    void aSlowBodyIsReplayedToTheNextBackend() throws Exception {
        RawBackend.Script dropping = connection -> {
            connection.readHead();
            connection.read(50_000);
            connection.reset();
        };
        try (RawBackend bad = new RawBackend(dropping);
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(ROUTE, bad, good);
                RawClient client = new RawClient(proxy.port())) {
            client.write("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + "a".repeat(100_000));
            Waiting.until("the second try began", () -> !good.heads.isEmpty());
            client.write("b".repeat(100_000));
            assertThat(client.read().body()).isEqualTo("good");
            assertThat(good.nextRequest()).endsWith("\r\n\r\n" + "a".repeat(100_000) + "b".repeat(100_000));
        }
    }

    @Test
    void aBodyBeyondTheReplayLimitIsSentOnce() throws Exception {
        RawBackend.Script dropping = connection -> {
            connection.readHead();
            connection.read(2_000_000);
            connection.reset();
        };
        try (RawBackend bad = new RawBackend(dropping);
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(ROUTE, bad, good);
                RawClient client = new RawClient(proxy.port())) {
            client.write("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000001\r\n\r\n" + "a".repeat(2_000_000));
            assertThat(client.read().status()).isEqualTo(502);
            assertThat(proxy.nextExchange().attempts()).isEqualTo(1);
        }
    }

    @Test
    void responsesWithoutBodyEndWhereTheyShould() throws Exception {
        RawBackend.Script script = connection -> {
            while (true) {
                String head = connection.readRequest();
                if (head.isEmpty()) {
                    return;
                }
                String status = head.contains("/204") ? "204" : head.contains("/304") ? "304" : "200";
                String length = status.equals("204") ? "" : "Content-Length: 5\r\n";
                String body = head.startsWith("GET") && status.equals("200") ? "hello" : "";
                connection.write("HTTP/1.1 " + status + " X\r\n" + length + "\r\n" + body);
            }
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < 3; i++) {
                client.write("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(client.read(true).header("Content-Length")).isEqualTo("5");
                client.write("GET /204 HTTP/1.1\r\nHost: h\r\n\r\n");
                RawClient.Response none = client.read();
                assertThat(none.status()).isEqualTo(204);
                assertThat(none.header("Content-Length")).isEmpty();
                client.write("GET /304 HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(client.read().status()).isEqualTo(304);
                client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(client.read().body()).isEqualTo("hello");
            }
        }
    }

    /** Its body would stand in front of the next response on that connection, which may be somebody else's. */
    @Test
    void a204WithABodySpoilsNobodyElsesResponse() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.write(
                    "HTTP/1.1 204 No Content\r\nContent-Length: 41\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nevil!!");
            if (!connection.readRequest().isEmpty()) {
                connection.respond(200, "evil");
            }
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            assertThat(RawClient.call(proxy.port(), "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
                            .status())
                    .isEqualTo(204);
            assertThat(RawClient.call(proxy.port(), "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n")
                            .status())
                    .isEqualTo(204);
            assertThat(backend.accepted()).isEqualTo(2);
        }
    }

    @Test
    void http10ClientsGetAnEndOfConnectionInsteadOfChunks() throws Exception {
        RawBackend.Script script = connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
            connection.readRequest();
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(ROUTE, backend)) {
            RawClient.Response response =
                    RawClient.call(proxy.port(), "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(response.body()).isEqualTo("hello");
            assertThat(response.head()).doesNotContainIgnoringCase("chunked").doesNotContainIgnoringCase("keep-alive");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        RawBackend.Script script = connection -> {
            String head = connection.readRequest();
            while (!head.isEmpty()) {
                connection.respond(200, head.split(" ", 3)[1]);
                head = connection.readRequest();
            }
        };
        try (RawBackend backend = new RawBackend(script);
                TestProxy proxy = TestProxy.to(ROUTE, backend);
                RawClient client = new RawClient(proxy.port())) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                requests.append("POST /").append(i).append(" HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
            }
            client.write(requests.toString());
            for (int i = 0; i < 20; i++) {
                assertThat(client.read().body()).isEqualTo("/" + i);
            }
        }
    }

    private static void upload(RawClient client, AtomicLong sent) {
        byte[] chunk = new byte[CHUNK];
        try {
            for (int i = 0; i < CHUNKS; i++) {
                client.write(chunk);
                sent.addAndGet(CHUNK);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a counter has not moved for a while. */
    private static long whereItStalls(AtomicLong counter) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long before = -1;
        while (before != counter.get() || before <= 0) {
            before = counter.get();
            assertThat(never.await(500, TimeUnit.MILLISECONDS)).isFalse();
        }
        return before;
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("nobody let the backend go on");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
