package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSnapshot;
import org.jspecify.annotations.Nullable;

/** Chooses a backend for one attempt. One instance serves one pool, called from all event loops. */
public interface LoadBalancer {
    /**
     * Assigns one request. Backends in {@code tried} are left out while another one is eligible. Health is overlooked when heeding it
     * would leave nobody and the pool allows that.
     *
     * @param now the pool as it is at this attempt
     * @return null when nobody may get a request
     */
    @Nullable
    Lease acquire(PoolSnapshot now, Tried tried);

    /** Whom the next first attempt would go to; assigns nothing and moves no state. */
    @Nullable
    Backend peek(PoolSnapshot now);
}
