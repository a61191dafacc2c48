package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.balance.ConsistentHash;
import io.sluice.proxy.balance.HashKey;
import io.sluice.proxy.balance.LeastConnections;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolLimits;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.sticky.StickyCookie;
import io.sluice.proxy.sticky.StickySettings;
import io.sluice.service.settings.Secret;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which backend a request belongs to, as its client sees it. */
class AffinityIT {
    private static final RouteSettings ROUTE = TestSettings.route();
    private static final StickyCookie COOKIE =
            new StickyCookie("test", new StickySettings("bound", null, Secret.of("s3cret")), null);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "header:X-Tenant|GET / HTTP/1.1\r\nHost: h\r\nx-tenant: %s\r\n\r\n",
                "cookie:tenant|GET / HTTP/1.1\r\nHost: h\r\nCookie: a=b; tenant=%s; c=d\r\n\r\n",
                "query:tenant|GET /?a=b&tenant=%s HTTP/1.1\r\nHost: h\r\n\r\n"
            })
    void whatAPoolHashesOnDecidesWhereARequestGoes(String keyAndRequest) throws Exception {
        String[] parts = keyAndRequest.split("\\|", 2);
        HashKey key = HashKey.parse(parts[0]).orElseThrow();
        try (RawBackend one = RawBackend.answering("one");
                RawBackend two = RawBackend.answering("two");
                RawBackend three = RawBackend.answering("three");
                TestProxy proxy = TestProxy.balanced(
                        new BalancedPool(TestProxy.fixedPool(one, two, three), new ConsistentHash(), key, null),
                        ROUTE)) {
            Set<String> answers = new HashSet<>();
            for (int tenant = 0; tenant < 20; tenant++) {
                String request = parts[1].formatted("t" + tenant);
                String first = RawClient.call(proxy.port(), request).body();
                assertThat(RawClient.call(proxy.port(), request).body()).isEqualTo(first);
                answers.add(first);
            }
            assertThat(answers).hasSize(3);
        }
    }

    @Test
    void aClientStaysWithTheBackendOfItsCookie() throws Exception {
        try (RawBackend one = RawBackend.answering("one");
                RawBackend two = RawBackend.answering("two");
                TestProxy proxy = sticky(one, two)) {
            RawClient.Response first = RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            String set = Objects.requireNonNull(first.header("Set-Cookie"));
            assertThat(set).startsWith("bound=").endsWith("; Path=/; HttpOnly; SameSite=Lax");
            for (int i = 0; i < 5; i++) {
                RawClient.Response next = RawClient.call(proxy.port(), with(set));
                assertThat(next.body()).isEqualTo(first.body());
                assertThat(next.header("Set-Cookie")).isEmpty();
            }
        }
    }

    @Test
    void aClientWhoseBackendIsGoneIsBoundToAnother() throws Exception {
        try (RawBackend one = RawBackend.answering("one");
                RawBackend two = RawBackend.answering("two");
                TestProxy proxy = sticky(one, two)) {
            one.stopListening();
            RawClient.Response moved = RawClient.call(proxy.port(), with(COOKIE.setCookie("b1", false)));
            assertThat(moved.body()).isEqualTo("two");
            assertThat(moved.header("Set-Cookie")).isEqualTo(COOKIE.setCookie("b2", false));
        }
    }

    @Test
    void nobodyIsBoundToABackendThatRefuses() throws Exception {
        RawBackend.Script refusing = connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(503, "not now");
            }
        };
        try (RawBackend one = new RawBackend(refusing);
                RawBackend two = new RawBackend(refusing);
                TestProxy proxy = sticky(one, two)) {
            for (String request : List.of("GET / HTTP/1.1\r\nHost: h\r\n\r\n", with(COOKIE.setCookie("b1", false)))) {
                RawClient.Response refused = RawClient.call(proxy.port(), request);
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Set-Cookie")).isEmpty();
            }
        }
    }

    @Test
    void aCookieThatNobodySignedBindsNobody() throws Exception {
        try (RawBackend one = RawBackend.answering("one");
                TestProxy proxy = sticky(one)) {
            assertThat(RawClient.call(proxy.port(), with("bound=YjE.AAAA")).header("Set-Cookie"))
                    .startsWith("bound=");
        }
    }

    @Test
    void aFullBackendKeepsRequestsWaitingUntilItHasRoomAndNoMoreThanMayWait() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        RawBackend.Script slow = connection -> {
            while (!connection.readRequest().isEmpty()) {
                await(answer);
                connection.respond(200, "ok");
            }
        };
        try (RawBackend backend = new RawBackend(slow);
                TestProxy proxy = TestProxy.balanced(limited(backend), ROUTE)) {
            List<CompletableFuture<Integer>> two = List.of(call(proxy), call(proxy));
            Waiting.until("one runs, one waits", () -> proxy.pool().waiting() == 1 && backend.requests.size() == 1);
            assertThat(RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                            .status())
                    .isEqualTo(503);
            assertThat(backend.requests).hasSize(1);
            answer.countDown();
            for (CompletableFuture<Integer> each : two) {
                assertThat(each.get(10, TimeUnit.SECONDS)).isEqualTo(200);
            }
            assertThat(proxy.pool().waiting()).isZero();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static CompletableFuture<Integer> call(TestProxy proxy) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                .status();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    /** One request at a time, one that waits. */
    private static BalancedPool limited(RawBackend backend) {
        PoolSettings settings = PoolSettings.of("test", List.of(new BackendSettings("b1", backend.address(), null, 1)))
                .withLimits(new PoolLimits(1, 1, 0));
        return new BalancedPool(BackendPool.fixed(settings), new LeastConnections());
    }

    private static TestProxy sticky(RawBackend... backends) {
        return TestProxy.balanced(
                new BalancedPool(TestProxy.fixedPool(backends), new LeastConnections(), HashKey.NONE, COOKIE), ROUTE);
    }

    private static String with(String setCookie) {
        return "GET / HTTP/1.1\r\nHost: h\r\nCookie: " + setCookie.split(";", 2)[0] + "\r\n\r\n";
    }
}
