package io.sluice.proxy.health;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;

/**
 * Watches how the traffic of one pool's backends fares. Called from all event loops, after the attempt was counted by {@link
 * Backend#recordOutcome}. Callers that have the attempt's lease should hand it over, closed or not: it tells a trial from a request that was
 * under way before.
 */
public interface PassiveHealth {
    /** A response came, whatever its status below 500. */
    void succeeded(Backend backend);

    /** An attempt failed in a way that speaks against the backend. */
    void failed(Backend backend, String why);

    /** As {@link #succeeded(Backend)}. */
    default void succeeded(Lease lease) {
        succeeded(lease.backend());
    }

    /** As {@link #failed(Backend, String)}. */
    default void failed(Lease lease, String why) {
        failed(lease.backend(), why);
    }
}
