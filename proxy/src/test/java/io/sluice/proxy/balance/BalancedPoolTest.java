package io.sluice.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BalancedPoolTest {
    private static final int SWAPS = 300;

    /** One backend serves at a time, and each change lets one go and holds the other. */
    @Test
    void noRequestFindsNobodyWhileOneBackendReplacesTheOther() throws Exception {
        List<BackendSettings> backends = List.of(
                new BackendSettings("b1", "127.0.0.1:8001", null, 1),
                new BackendSettings("b2", "127.0.0.1:8002", null, 1));
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong turns = new AtomicLong();
        AtomicLong foundNobody = new AtomicLong();
        try (Pools pools =
                Pools.open(List.of(PoolSettings.of("test", backends)), new MemoryPoolStore(), Clock.systemUTC(), "b")) {
            BalancedPool pool = new BalancedPool(pools.pool("test").orElseThrow(), new LeastConnections());
            change(pools, new PoolChange.PutHold("b2", "test", "because", null));
            Thread requests = new Thread(() -> {
                while (!over.get()) {
                    Lease lease = pool.acquire(new Tried());
                    if (lease == null) {
                        foundNobody.incrementAndGet();
                    } else {
                        lease.close();
                    }
                    turns.incrementAndGet();
                }
            });
            requests.start();
            for (int i = 0; i < SWAPS; i++) {
                String opens = i % 2 == 0 ? "b2" : "b1";
                String closes = i % 2 == 0 ? "b1" : "b2";
                change(
                        pools,
                        new PoolChange.PutHold(closes, "test", "because", null),
                        new PoolChange.RemoveHold(opens, "test"));
                // No request sees more than one of the changes.
                long seen = turns.get();
                while (turns.get() < seen + 2) {
                    Thread.onSpinWait();
                }
            }
            over.set(true);
            requests.join();
        }
        assertThat(foundNobody).hasValue(0);
    }

    private static void change(Pools pools, PoolChange... changes) throws Exception {
        pools.change(new ChangeRequest("test", List.of(changes), Precondition.NONE, "test", "test", null))
                .get(20, TimeUnit.SECONDS);
    }
}
