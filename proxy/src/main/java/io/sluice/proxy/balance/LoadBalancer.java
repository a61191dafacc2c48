package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSnapshot;
import org.jspecify.annotations.Nullable;

/** Chooses a backend for one attempt. One instance serves one pool, called from all event loops. */
public interface LoadBalancer {
    /**
     * Assigns one request. Backends in {@code tried} are left out while another one is eligible, and backups while no others are. Health
     * is overlooked when too few are well and the pool allows that.
     *
     * @param now the pool as it is at this attempt
     * @param key what the request hashes to; 0 when it has nothing of that kind
     * @param into a lease that was never used or is closed
     * @return whether it became a lease; if not, nobody may get a request
     */
    boolean acquire(PoolSnapshot now, Tried tried, long key, Lease into);

    /**
     * As {@link #acquire(PoolSnapshot, Tried, long, Lease)}, but for callers who have somewhere else to go: nobody in {@code tried}, and nobody
     * who serves only because none is well.
     */
    boolean acquireWell(PoolSnapshot now, Tried tried, long key, Lease into);

    /** Whom the next first attempt would go to, null when that is nobody or not known ahead; assigns nothing and moves no state. */
    @Nullable
    Backend peek(PoolSnapshot now);

    /** Told once, before the first request, whose pool it serves. */
    default void serve(BackendPool pool) {}

    /** Ends what {@link #serve} began: somebody else chooses for this pool from now on. */
    default void leave(BackendPool pool) {}

    /** Its name in settings. */
    String name();
}
