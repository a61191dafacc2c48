package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Idle connections do not outlive the reason for which they are kept. */
class LetGoIT {
    @ParameterizedTest(name = "removed={0}")
    @ValueSource(booleans = {true, false})
    void idleConnectionsToABackendThatLeavesAreClosedAtOnce(boolean removed) throws Exception {
        try (RawBackend one = RawBackend.answering("ok");
                RawBackend two = RawBackend.answering("ok");
                Pools pools = pools(one, two)) {
            BackendPool pool = pools.pool("test").orElseThrow();
            try (TestProxy proxy =
                    new TestProxy(pool, TestSettings.listener("upstream: {idle-timeout: 1h}"), TestSettings.route())) {
                for (int i = 0; i < 4; i++) {
                    assertThat(RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                    .status())
                            .isEqualTo(200);
                }
                assertThat(one.open()).isPositive();
                PoolChange leaves = removed
                        ? new PoolChange.RemoveBackend("b1", false)
                        : new PoolChange.PutHold("b1", "test", "because", null);
                pools.change(new ChangeRequest("test", List.of(leaves), Precondition.NONE, "test", "test", null))
                        .get(20, TimeUnit.SECONDS);
                Waiting.until("closed", () -> one.open() == 0);
                assertThat(two.open()).isPositive();
            }
        }
    }

    private static Pools pools(RawBackend one, RawBackend two) {
        PoolSettings settings = PoolSettings.of(
                "test",
                List.of(
                        new BackendSettings("b1", one.address(), null, 1),
                        new BackendSettings("b2", two.address(), null, 1)));
        return Pools.open(List.of(settings), new MemoryPoolStore(), Clock.systemUTC(), "boot");
    }
}
