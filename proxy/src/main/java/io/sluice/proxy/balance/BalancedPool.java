package io.sluice.proxy.balance;

import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import org.jspecify.annotations.Nullable;

/** A pool with the balancer that serves it. */
public record BalancedPool(BackendPool pool, LoadBalancer balancer) {
    /** Assigns one attempt from the pool as it is now; null when nobody may get a request. */
    public @Nullable Lease acquire(Tried tried) {
        return balancer.acquire(pool.snapshot(), tried);
    }
}
