package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.route.RouteSettings;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Limits in number and time, waiting for a backend, and the graceful end. */
class ListenerIT {
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final RouteSettings ROUTE = TestSettings.route();

    @Test
    void aClientThatSendsNoHeadIsClosed() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(
                        TestProxy.fixedPool(backend), TestSettings.listener("head-timeout: 300ms"), ROUTE);
                RawClient silent = new RawClient(proxy.port());
                RawClient slow = new RawClient(proxy.port())) {
            slow.write("GET / HTTP/1.1\r\nHo");
            assertThat(silent.isClosedByPeer()).isTrue();
            assertThat(slow.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void anIdleConnectionIsClosedAndABusyOneIsNot() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        RawBackend.Script slow = connection -> {
            while (!connection.readRequest().isEmpty()) {
                await(answer);
                connection.respond(200, "ok");
            }
        };
        try (RawBackend backend = new RawBackend(slow);
                TestProxy proxy = new TestProxy(
                        TestProxy.fixedPool(backend),
                        TestSettings.listener("head-timeout: 300ms", "keep-alive-timeout: 300ms"),
                        ROUTE);
                RawClient client = new RawClient(proxy.port());
                RawClient other = new RawClient(proxy.port())) {
            client.write(GET);
            assertThat(other.isClosedByPeer()).isTrue();
            answer.countDown();
            assertThat(client.read().body()).isEqualTo("ok");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndOthersServed() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = new TestProxy(
                        TestProxy.fixedPool(backend),
                        TestSettings.listener("max-connections: 2", "event-loops: 2"),
                        ROUTE)) {
            try (RawClient first = new RawClient(proxy.port());
                    RawClient second = new RawClient(proxy.port())) {
                first.write(GET);
                assertThat(first.read().body()).isEqualTo("ok");
                second.write(GET);
                assertThat(second.read().body()).isEqualTo("ok");
                try (RawClient third = new RawClient(proxy.port())) {
                    assertThat(third.isClosedByPeer()).isTrue();
                }
            }
            Waiting.until("closed", () -> proxy.listener().connections() == 0);
            assertThat(RawClient.call(proxy.port(), GET).body()).isEqualTo("ok");
        }
    }

    @Test
    void aClientThatPausesInItsBodyIsAnswered408AndOccupiesNobody() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(TestSettings.route("send-timeout: 200ms"), backend);
                RawClient small = new RawClient(proxy.port());
                RawClient large = new RawClient(proxy.port())) {
            small.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe");
            assertThat(small.read().status()).isEqualTo(408);
            assertThat(backend.heads).isEmpty();
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.BODY_TIMEOUT);
            large.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\nhe");
            assertThat(large.read().status()).isEqualTo(408);
            assertThat(proxy.passive).isEmpty();
        }
    }

    @Test
    void aRequestWaitsForABackendToAppear() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok")) {
            Pools pools = Pools.open(
                    List.of(PoolSettings.of("test", List.of())), new MemoryPoolStore(), Clock.systemUTC(), "boot");
            BackendPool pool = pools.pool("test").orElseThrow();
            try (TestProxy proxy = new TestProxy(pool, TestSettings.listener(), patient());
                    RawClient client = new RawClient(proxy.port())) {
                client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
                Waiting.until("the connection is there", () -> proxy.listener().connections() == 1);
                pools.change(new ChangeRequest(
                                "test",
                                List.of(new PoolChange.PutBackend("b1", backend.address(), null, 1)),
                                Precondition.NONE,
                                "test",
                                "test",
                                null))
                        .get();
                assertThat(client.read().body()).isEqualTo("ok");
            }
            pools.close();
        }
    }

    private static RouteSettings patient() {
        return TestSettings.route("queue-timeout: 30s", "timeout: 30s");
    }

    @Test
    void withoutABackendTheAnswerIs503WithRetryAfter() throws Exception {
        BackendPool empty = BackendPool.fixed(PoolSettings.of("test", List.<BackendSettings>of()));
        try (TestProxy proxy = new TestProxy(empty, TestSettings.listener(), ROUTE)) {
            RawClient.Response response = RawClient.call(proxy.port(), GET);
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.header("Retry-After")).isEqualTo("1");
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.NO_BACKEND);
        }
    }

    @Test
    void stoppingRefusesNewConnectionsAndFinishesWhatRuns() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        RawBackend.Script slow = connection -> {
            connection.readRequest();
            await(answer);
            connection.respond(200, "finished");
        };
        try (RawBackend backend = new RawBackend(slow);
                TestProxy proxy = TestProxy.to(backend);
                RawClient idle = new RawClient(proxy.port());
                RawClient client = new RawClient(proxy.port())) {
            int port = proxy.port();
            client.write(GET);
            backend.nextRequest();
            Future<Void> stopped = proxy.listener().stop();
            assertThat(idle.isClosedByPeer()).isTrue();
            Waiting.until("refused", () -> isRefused(port));
            assertThat(stopped.isComplete()).isFalse();
            answer.countDown();
            RawClient.Response response = client.read();
            assertThat(response.body()).isEqualTo("finished");
            assertThat(response.header("Connection")).isEqualTo("close");
            Waiting.on(stopped);
        }
    }

    /** Load while the listener goes through its lame-duck time: whoever is accepted is answered. */
    @Test
    void noAcceptedRequestIsLostInTheLameDuckTime() throws Exception {
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = TestProxy.to(backend)) {
            List<CompletableFuture<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                calls.add(CompletableFuture.supplyAsync(() -> status(proxy.port())));
                if (i == 10) {
                    proxy.listener().startLameDuck();
                }
            }
            for (CompletableFuture<Integer> call : calls) {
                assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo(200);
            }
        }
    }

    private static int status(int port) {
        try {
            return RawClient.call(port, GET).status();
        } catch (IOException e) {
            return -1;
        }
    }

    private static boolean isRefused(int port) {
        try (RawClient client = new RawClient(port)) {
            return client.isClosedByPeer();
        } catch (ConnectException refused) {
            return true;
        } catch (IOException e) {
            return false;
        }
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
