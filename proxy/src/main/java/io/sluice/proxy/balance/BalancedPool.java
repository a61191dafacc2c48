package io.sluice.proxy.balance;

import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSnapshot;
import org.jspecify.annotations.Nullable;

/** A pool with the balancer that serves it. */
public record BalancedPool(BackendPool pool, LoadBalancer balancer) {
    /** Assigns one attempt from the pool as it is now; null when nobody may get a request. */
    public @Nullable Lease acquire(Tried tried) {
        PoolSnapshot seen = pool.snapshot();
        Lease lease = balancer.acquire(seen, tried);
        if (lease != null) {
            return lease;
        }
        // Everybody in it may have been replaced while the balancer looked.
        PoolSnapshot now = pool.snapshot();
        return now == seen ? null : balancer.acquire(now, tried);
    }
}
