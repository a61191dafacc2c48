package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.ChangeResult;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.tls.BackendTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a connection to a backend lives that speaks HTTP/2: used, unused, silent, left by the proxy, left by the backend. */
class Http2UpstreamLifeIT {
    private static final BackendTransport CLEAR = new BackendTransport(null, true);
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";

    /** A request that has come whole, and waits to be answered. */
    private record Arrived(int connection, Http2Client peer, int stream) {
        void answer() throws IOException {
            peer.headers(stream, true, ":status", "200", "x-connection", String.valueOf(connection));
        }
    }

    /** A backend that tells what comes; answers are up to the test. */
    private static final class Backend implements AutoCloseable {
        private final BlockingQueue<Arrived> requests = new LinkedBlockingQueue<>();
        /** By number of the connection, that it was asked whether it is there. */
        private final BlockingQueue<Integer> pings = new LinkedBlockingQueue<>();
        /** How connections ended. */
        private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

        private final boolean alive;
        private final boolean answers;
        private final RawBackend server = new RawBackend(this::serve);

        /** @param alive whether it answers when it is asked */
        Backend(boolean alive) {
            this(alive, false);
        }

        /** @param answers whether requests are answered at once */
        Backend(boolean alive, boolean answers) {
            this.alive = alive;
            this.answers = answers;
        }

        private void serve(RawBackend.Connection connection) throws IOException {
            Http2Client peer = Http2Client.serving(connection.socket(), 100);
            String end = "closed";
            Http2Client.Frame frame = peer.next();
            while (!frame.isEnd()) {
                if (frame.type() == Http2Client.PING) {
                    if (alive) {
                        peer.frame(Http2Client.PING, 1, 0, frame.payload());
                    }
                    pings.add(connection.number);
                } else if (frame.endsStream()) {
                    arrived(new Arrived(connection.number, peer, frame.stream()));
                } else if (frame.type() == Http2Client.GOAWAY) {
                    end = "GOAWAY " + frame.code();
                }
                frame = peer.next();
            }
            ends.add(end);
        }

        private void arrived(Arrived request) throws IOException {
            if (answers) {
                request.answer();
            } else {
                requests.add(request);
            }
        }

        Arrived nextRequest() throws InterruptedException {
            return next(requests);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private static <T> T next(BlockingQueue<T> from) throws InterruptedException {
        T next = from.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came");
        }
        return next;
    }

    private static TestProxy proxy(String upstream, Backend... backends) {
        RawBackend[] servers = new RawBackend[backends.length];
        for (int i = 0; i < servers.length; i++) {
            servers[i] = backends[i].server;
        }
        return TestProxy.over(
                CLEAR, TestSettings.listener("upstream: {" + upstream + "}"), TestSettings.route(), servers);
    }

    /** A request and its answer. */
    private static void once(TestProxy proxy, Backend backend) throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            client.write(GET);
            backend.nextRequest().answer();
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void anUnusedConnectionIsClosedInTheEndHoweverAliveItIs() throws Exception {
        try (Backend backend = new Backend(true);
                TestProxy proxy = proxy("idle-timeout: 500ms, ping-interval: 20ms, ping-timeout: 20s", backend)) {
            once(proxy, backend);
            assertThat(next(backend.pings)).isEqualTo(1);
            assertThat(next(backend.ends)).isEqualTo("GOAWAY 0");
            once(proxy, backend);
            assertThat(backend.server.accepted()).isEqualTo(2);
        }
    }

    @Test
    void anUnusedConnectionThatAnswersIsKept() throws Exception {
        try (Backend backend = new Backend(true);
                TestProxy proxy = proxy("idle-timeout: 1h, ping-interval: 20ms, ping-timeout: 20s", backend)) {
            once(proxy, backend);
            next(backend.pings);
            next(backend.pings);
            once(proxy, backend);
            assertThat(backend.server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void anUnusedConnectionThatDoesNotAnswerIsClosed() throws Exception {
        try (Backend backend = new Backend(false, true);
                TestProxy proxy = proxy("idle-timeout: 1h, ping-interval: 200ms, ping-timeout: 10ms", backend)) {
            assertThat(RawClient.call(proxy.port(), GET).status()).isEqualTo(200);
            assertThat(next(backend.ends)).isEqualTo("GOAWAY 0");
            assertThat(next(proxy.unansweredPings)).isEqualTo("test");
        }
    }

    @ParameterizedTest(name = "repeatable={0}")
    @ValueSource(booleans = {true, false})
    void aRequestOnADeadConnectionIsTriedElsewhereIfItMay(boolean repeatable) throws Exception {
        try (Backend dead = new Backend(false);
                Backend alive = new Backend(true, true);
                TestProxy proxy = proxy("ping-interval: 20ms, ping-timeout: 1s", dead, alive);
                RawClient first = new RawClient(proxy.port());
                RawClient second = new RawClient(proxy.port())) {
            first.write(repeatable ? GET : POST);
            second.write(repeatable ? GET : POST);
            dead.nextRequest();
            List<Integer> statuses =
                    List.of(first.read().status(), second.read().status());
            assertThat(statuses).containsExactlyInAnyOrder(200, repeatable ? 200 : 502);
            assertThat(List.of(proxy.nextExchange(), proxy.nextExchange()))
                    .extracting(TestProxy.Seen::attemptFailures)
                    .contains(
                            repeatable
                                    ? List.of("b1:closed_without_response", "b2:200")
                                    : List.of("b1:closed_without_response"));
        }
    }

    @Test
    void aBackendThatIsSlowButThereIsWaitedFor() throws Exception {
        try (Backend backend = new Backend(true);
                TestProxy proxy = proxy("ping-interval: 20ms, ping-timeout: 20s", backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write(POST);
            Arrived request = backend.nextRequest();
            next(backend.pings);
            next(backend.pings);
            request.answer();
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(proxy.nextExchange().attempts()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionThatWasNotHeardOfIsAskedTogetherWithTheNextRequest() throws Exception {
        try (Backend backend = new Backend(true);
                TestProxy proxy = proxy("freshness: 0s, ping-interval: 1h, ping-timeout: 20s", backend)) {
            once(proxy, backend);
            assertThat(backend.pings).isEmpty();
            once(proxy, backend);
            assertThat(next(backend.pings)).isEqualTo(1);
        }
    }

    @Test
    void nobodyIsAskedWithoutAnInterval() throws Exception {
        try (Backend backend = new Backend(false);
                TestProxy proxy =
                        proxy("freshness: 0s, idle-timeout: 300ms, ping-interval: 0s, ping-timeout: 10ms", backend)) {
            once(proxy, backend);
            once(proxy, backend);
            next(backend.ends);
            assertThat(backend.pings).isEmpty();
        }
    }

    private static ChangeResult change(Pools pools, PoolChange change) throws Exception {
        return pools.change(new ChangeRequest("test", List.of(change), Precondition.NONE, "test", "test", null))
                .get(20, TimeUnit.SECONDS);
    }

    private static PoolSettings poolOf(Backend one, Backend two) {
        return PoolSettings.of(
                "test",
                List.of(
                        new BackendSettings("b1", one.server.address(), null, 1),
                        new BackendSettings("b2", two.server.address(), null, 1)));
    }

    /** Held, its drain given up, removed: whatever it is, what runs on its connections ends as if nothing had been. */
    @ParameterizedTest
    @ValueSource(strings = {"held", "held for too long", "removed"})
    void requestsOfABackendThatLeavesEndAndThenItsConnectionDoes(String how) throws Exception {
        PoolChange leaves = switch (how) {
            case "held" -> new PoolChange.PutHold("b1", "test", "because", null);
            case "held for too long" -> new PoolChange.PutHold("b1", "test", "because", Duration.ofMillis(1));
            default -> new PoolChange.RemoveBackend("b1", false);
        };
        try (Backend one = new Backend(true);
                Backend two = new Backend(true);
                Pools pools = Pools.open(List.of(poolOf(one, two)), new MemoryPoolStore(), Clock.systemUTC(), "boot")) {
            BackendPool pool = pools.pool("test").orElseThrow();
            io.sluice.proxy.pool.Backend leaving = pool.snapshot().backend("b1").orElseThrow();
            try (TestProxy proxy =
                            TestProxy.over(CLEAR, pool, TestSettings.listener(), TestSettings.route("pool: test"));
                    RawClient first = new RawClient(proxy.port());
                    RawClient second = new RawClient(proxy.port());
                    RawClient third = new RawClient(proxy.port())) {
                first.write(POST);
                second.write(POST);
                Arrived running = one.nextRequest();
                two.nextRequest().answer();
                DrainOperation drain = change(pools, leaves).drains().get(0);
                for (int i = 0; i < 3; i++) {
                    third.write(POST);
                    two.nextRequest().answer();
                    assertThat(third.read().status()).isEqualTo(200);
                }
                if (how.equals("held for too long")) {
                    pools.drainEnded(drain.id()).toCompletableFuture().get(20, TimeUnit.SECONDS);
                }
                assertThat(one.ends).isEmpty();
                running.answer();
                assertThat(List.of(first.read().status(), second.read().status()))
                        .containsExactly(200, 200);
                assertThat(next(one.ends)).isEqualTo("GOAWAY 0");
                Waiting.until("nothing runs", () -> leaving.inFlight() == 0);
                if (!how.equals("removed")) {
                    change(pools, new PoolChange.RemoveHold("b1", "test"));
                    change(pools, new PoolChange.RemoveBackend("b2", false));
                    once(proxy, one);
                    assertThat(one.server.accepted()).isEqualTo(2);
                }
            }
        }
    }

    /** What the backend says it will not look at is sent elsewhere, though it is a POST; what it still does ends where it is. */
    @Test
    void aBackendThatLeavesAnswersWhatItTookAndTheRestGoesElsewhere() throws Exception {
        try (Backend one = new Backend(true);
                Backend two = new Backend(true);
                TestProxy proxy = proxy("", one, two);
                RawClient first = new RawClient(proxy.port());
                RawClient second = new RawClient(proxy.port());
                RawClient third = new RawClient(proxy.port());
                RawClient fourth = new RawClient(proxy.port())) {
            List<RawClient> clients = List.of(first, second, third, fourth);
            for (RawClient each : clients) {
                each.write(POST);
            }
            Arrived taken = one.nextRequest();
            Arrived refused = one.nextRequest();
            assertThat(refused.connection()).isEqualTo(taken.connection());
            byte[] last = ByteBuffer.allocate(8).putInt(taken.stream()).array();
            taken.peer().frame(Http2Client.GOAWAY, 0, 0, last);

            for (int i = 0; i < 3; i++) {
                two.nextRequest().answer();
            }
            assertThat(one.ends).isEmpty();
            taken.answer();
            for (RawClient each : clients) {
                assertThat(each.read().status()).isEqualTo(200);
            }
            assertThat(next(one.ends)).isEqualTo("GOAWAY 0");
            List<List<String>> attempts = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++) {
                attempts.add(proxy.nextExchange().attemptFailures());
            }
            assertThat(attempts)
                    .containsExactlyInAnyOrder(
                            List.of("b1:200"),
                            List.of("b2:200"),
                            List.of("b2:200"),
                            List.of("b1:stream_refused", "b2:200"));
            assertThat(proxy.passive).isEmpty();
        }
    }
}
