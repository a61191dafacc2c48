package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.route.RouteSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the retry table: a backend that fails in exactly that way stands before one that answers. */
class RetryTableIT {
    private static final RouteSettings ROUTE = route("10s", "1s");

    private static RouteSettings route(String connect, String head) {
        return TestSettings.route(
                "retry: {delivery-id-headers: [X-GitHub-Delivery], trust-not-accepted: true}",
                "connect-timeout: " + connect,
                "head-timeout: " + head);
    }

    enum Request {
        IDEMPOTENT("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"),
        WITH_DELIVERY_ID("POST /x HTTP/1.1\r\nHost: h\r\nX-GitHub-Delivery: 72d3162e\r\nContent-Length: 4\r\n\r\nbody"),
        OTHER_POST("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");

        final String bytes;

        Request(String bytes) {
            this.bytes = bytes;
        }
    }

    enum Situation {
        REUSED_CONNECTION_CLOSED(Failure.STALE_CONNECTION, true),
        FRESH_CONNECTION_CLOSED(Failure.CLOSED_WITHOUT_RESPONSE, false),
        FRESH_CONNECTION_RESET(Failure.CLOSED_WITHOUT_RESPONSE, false),
        STATUS_502(Failure.STATUS_LISTED, false),
        STATUS_503(Failure.STATUS_LISTED, false),
        STATUS_504(Failure.STATUS_LISTED, false),
        STATUS_500(null, false),
        NOT_ACCEPTED(Failure.NOT_ACCEPTED, false),
        NO_HEAD_IN_TIME(Failure.HEAD_TIMEOUT, false),
        NO_HTTP(Failure.INVALID_RESPONSE, false),
        ENDLESS_1XX(Failure.INVALID_RESPONSE, false);

        final @Nullable Failure failure;
        /** Whether the connection served a request before. */
        final boolean reused;

        Situation(@Nullable Failure failure, boolean reused) {
            this.failure = failure;
            this.reused = reused;
        }

        void play(RawBackend.Connection connection) throws IOException {
            if (reused) {
                connection.readRequest();
                connection.respond(200, "first");
            }
            connection.readRequest();
            switch (this) {
                case REUSED_CONNECTION_CLOSED, FRESH_CONNECTION_CLOSED -> {}
                case FRESH_CONNECTION_RESET -> connection.reset();
                case STATUS_500 -> answer(connection, 500);
                case STATUS_502 -> answer(connection, 502);
                case STATUS_503 -> answer(connection, 503);
                case STATUS_504 -> answer(connection, 504);
                case NOT_ACCEPTED -> {
                    connection.respond(503, "busy", "Webhook-Not-Accepted: draining");
                    connection.readRequest();
                }
                case NO_HEAD_IN_TIME -> connection.readRequest();
                case NO_HTTP -> connection.write("this is no HTTP\r\n\r\n");
                case ENDLESS_1XX -> connection.write("HTTP/1.1 100 Continue\r\n\r\n".repeat(100));
            }
        }

        private static void answer(RawBackend.Connection connection, int status) throws IOException {
            connection.respond(status, "error " + status);
            connection.readRequest();
        }
    }

    /** What the client gets, after how many attempts, and whether the backend was blamed. */
    record Expected(int status, int attempts, boolean blamed) {}

    static Stream<Arguments> cells() {
        List<Arguments> cells = new ArrayList<>();
        for (Situation situation : Situation.values()) {
            for (Request request : Request.values()) {
                cells.add(Arguments.of(situation, request, expected(situation, request)));
            }
        }
        return cells.stream();
    }

    private static Expected expected(Situation situation, Request request) {
        boolean repeatable = request != Request.OTHER_POST;
        Expected retriedAndBlamed = new Expected(200, 2, true);
        return switch (situation) {
            case REUSED_CONNECTION_CLOSED -> repeatable ? new Expected(200, 2, false) : new Expected(502, 1, false);
            case FRESH_CONNECTION_CLOSED, FRESH_CONNECTION_RESET ->
                repeatable ? retriedAndBlamed : new Expected(502, 1, true);
            case STATUS_502 -> repeatable ? retriedAndBlamed : new Expected(502, 1, true);
            case STATUS_503 -> repeatable ? retriedAndBlamed : new Expected(503, 1, true);
            case STATUS_504 -> repeatable ? retriedAndBlamed : new Expected(504, 1, true);
            case STATUS_500 -> new Expected(500, 1, false);
            case NOT_ACCEPTED -> new Expected(200, 2, false);
            case NO_HEAD_IN_TIME -> repeatable ? retriedAndBlamed : new Expected(504, 1, true);
            case NO_HTTP, ENDLESS_1XX -> new Expected(502, 1, true);
        };
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @MethodSource("cells")
    void cell(Situation situation, Request request, Expected expected) throws Exception {
        try (RawBackend bad = new RawBackend(situation::play);
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(ROUTE, bad, good)) {
            if (situation.reused) {
                // The tie goes to the bad one first, then to the good one; its turn comes again with the third request.
                assertThat(RawClient.call(proxy.port(), Request.IDEMPOTENT.bytes)
                                .body())
                        .isEqualTo("first");
                proxy.nextExchange();
                assertThat(RawClient.call(proxy.port(), Request.IDEMPOTENT.bytes)
                                .body())
                        .isEqualTo("good");
                proxy.nextExchange();
            }
            RawClient.Response response = RawClient.call(proxy.port(), request.bytes);

            assertThat(response.status()).isEqualTo(expected.status());
            TestProxy.Seen seen = proxy.nextExchange();
            assertThat(seen.attempts()).isEqualTo(expected.attempts());
            if (situation.failure != null) {
                assertThat(seen.attemptFailures().get(0)).isEqualTo("b1:" + situation.failure.label());
            }
            assertThat(!proxy.passive.isEmpty()).isEqualTo(expected.blamed());
            if (expected.status() == 200) {
                assertThat(response.body()).isEqualTo("good");
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void refusedConnectionsAreRetriedForEveryMethod(Request request) throws Exception {
        try (RawBackend gone = RawBackend.answering("");
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(ROUTE, gone, good)) {
            gone.stopListening();
            assertThat(RawClient.call(proxy.port(), request.bytes).body()).isEqualTo("good");
            assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:connect_failed", "b2:200");
            assertThat(proxy.passive).containsExactly("b1 connect_failed");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void connectionsThatDoNotOpenInTimeAreRetriedForEveryMethod(Request request) throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RawBackend good = RawBackend.answering("good")) {
            List<Socket> fillers = fill(full);
            RouteSettings impatient = route("1s", "5s");
            BackendPool pool = BackendPool.fixed(PoolSettings.of(
                    "test",
                    List.of(
                            new BackendSettings("b1", "127.0.0.1:" + full.getLocalPort(), null, 1),
                            new BackendSettings("b2", good.address(), null, 1))));
            try (TestProxy proxy = new TestProxy(pool, TestSettings.listener(), impatient)) {
                assertThat(RawClient.call(proxy.port(), request.bytes).body()).isEqualTo("good");
                assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:connect_timeout", "b2:200");
            }
            for (Socket filler : fillers) {
                filler.close();
            }
        }
    }

    /** Fills the queue of connections that nobody accepts, so that the next one hangs. */
    private static List<Socket> fill(ServerSocket full) throws IOException {
        List<Socket> fillers = new ArrayList<>();
        while (true) {
            Socket filler = new Socket();
            try {
                filler.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()), 200);
                fillers.add(filler);
            } catch (IOException queueIsFull) {
                filler.close();
                return fillers;
            }
        }
    }

    static Stream<Request> requests() {
        return Stream.of(Request.values());
    }

    @Test
    void aTimeoutIsRetriedOnlyOnce() throws Exception {
        RawBackend.Script silent = connection -> {
            connection.readRequest();
            connection.readRequest();
        };
        try (RawBackend first = new RawBackend(silent);
                RawBackend second = new RawBackend(silent);
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(ROUTE, first, second, good)) {
            RawClient.Response response = RawClient.call(proxy.port(), Request.IDEMPOTENT.bytes);
            assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:head_timeout", "b2:head_timeout");
            assertThat(response.status()).isEqualTo(504);
        }
    }

    @Test
    void theLastResponseIsPassedOnWhenTriesRunOut() throws Exception {
        RawBackend.Script busy = connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(503, "busy " + connection.number, "X-From: backend");
            }
        };
        try (RawBackend first = new RawBackend(busy);
                RawBackend second = new RawBackend(busy);
                TestProxy proxy = TestProxy.to(ROUTE, first, second)) {
            RawClient.Response response = RawClient.call(proxy.port(), Request.IDEMPOTENT.bytes);
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.header("X-From")).isEqualTo("backend");
            assertThat(response.body()).isEqualTo("busy 1");
            assertThat(proxy.nextExchange().attempts()).isEqualTo(3);
        }
    }

    @Test
    void anEarlierResponseIsPassedOnWhenTheRetryFindsNobody() throws Exception {
        RawBackend.Script busyOnce = connection -> {
            connection.readRequest();
            connection.respond(503, "busy", "Webhook-Not-Accepted: draining");
            connection.readRequest();
        };
        try (RawBackend first = new RawBackend(busyOnce);
                RawBackend gone = RawBackend.answering("");
                TestProxy proxy = TestProxy.to(ROUTE, first, gone)) {
            gone.stopListening();
            first.script(busyOnce);
            RawClient.Response response = RawClient.call(proxy.port(), Request.OTHER_POST.bytes);
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.body()).isEqualTo("busy");
        }
    }

    @Test
    void notAcceptedIsBelievedOnTrustingRoutesOnly() throws Exception {
        try (RawBackend bad = new RawBackend(Situation.NOT_ACCEPTED::play);
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(bad, good)) {
            assertThat(RawClient.call(proxy.port(), Request.OTHER_POST.bytes).status())
                    .isEqualTo(503);
        }
    }

    @Test
    void deliveryIdsAreBelievedOnTrustingRoutesOnly() throws Exception {
        try (RawBackend bad = new RawBackend(Situation.FRESH_CONNECTION_CLOSED::play);
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(bad, good)) {
            assertThat(RawClient.call(proxy.port(), Request.WITH_DELIVERY_ID.bytes)
                            .status())
                    .isEqualTo(502);
        }
    }

    @Test
    void theRetryBudgetBoundsRetriesButNotThoseOfUnsentRequests() throws Exception {
        try (RawBackend bad = new RawBackend(Situation.FRESH_CONNECTION_CLOSED::play);
                RawBackend good = RawBackend.answering("good");
                TestProxy proxy = TestProxy.to(ROUTE, bad, good)) {
            int failed = 0;
            for (int i = 0; i < 400; i++) {
                if (RawClient.call(proxy.port(), Request.IDEMPOTENT.bytes).status() != 200) {
                    failed++;
                }
            }
            assertThat(failed).isPositive();
            bad.stopListening();
            for (int i = 0; i < 50; i++) {
                assertThat(RawClient.call(proxy.port(), Request.OTHER_POST.bytes)
                                .status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void requestsThatCannotBeRepeatedGetARecentlyUsedConnectionOrANewOne() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        ListenerSettings picky = TestSettings.listener("upstream: {freshness: 50ms}");
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(TestProxy.fixedPool(backend), picky, ROUTE)) {
            RawClient.call(proxy.port(), Request.IDEMPOTENT.bytes);
            assertThat(late.await(100, TimeUnit.MILLISECONDS)).isFalse();
            RawClient.call(proxy.port(), Request.WITH_DELIVERY_ID.bytes);
            assertThat(backend.accepted()).isEqualTo(1);
            assertThat(late.await(100, TimeUnit.MILLISECONDS)).isFalse();
            RawClient.call(proxy.port(), Request.OTHER_POST.bytes);
            assertThat(backend.accepted()).isEqualTo(2);
        }
    }
}
