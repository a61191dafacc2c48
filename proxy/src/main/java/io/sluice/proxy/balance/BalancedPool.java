package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.sticky.StickyCookie;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pool with the balancer that serves it. Thread-safe. */
public final class BalancedPool {
    private record Choice(
            LoadBalancer balancer,
            HashKey hashKey,
            @Nullable StickyCookie sticky) {}

    private final BackendPool pool;
    private volatile Choice choice;

    /** A pool that hashes nothing and binds nobody. */
    public BalancedPool(BackendPool pool, LoadBalancer balancer) {
        this(pool, balancer, HashKey.NONE, null);
    }

    /**
     * A pool with its balancer.
     *
     * @param hashKey what the balancer hashes on
     * @param sticky binds clients to backends; absent when none are
     */
    public BalancedPool(BackendPool pool, LoadBalancer balancer, HashKey hashKey, @Nullable StickyCookie sticky) {
        this.pool = pool;
        this.choice = new Choice(balancer, hashKey, sticky);
        balancer.serve(pool);
    }

    /** Has the next attempt chosen in another way. One thread at a time. */
    public void chooseBy(LoadBalancer balancer, HashKey hashKey, @Nullable StickyCookie sticky) {
        LoadBalancer before = choice.balancer();
        if (before != balancer) {
            // Two that keep notes on the same backends would spoil each other's.
            before.leave(pool);
            balancer.serve(pool);
        }
        choice = new Choice(balancer, hashKey, sticky);
    }

    public BackendPool pool() {
        return pool;
    }

    public LoadBalancer balancer() {
        return choice.balancer();
    }

    /** What callers hash ({@link HashKey#of}) and hand over as {@code key}; {@link HashKey#NONE} when they need not. */
    public HashKey hashKey() {
        return choice.hashKey();
    }

    /** What binds clients to a backend; empty when nothing does. */
    public Optional<StickyCookie> sticky() {
        return Optional.ofNullable(choice.sticky());
    }

    /** How it chooses, for people. */
    public String describe() {
        Choice now = choice;
        StickyCookie sticky = now.sticky();
        return now.balancer().name()
                + (now.hashKey().equals(HashKey.NONE) ? "" : " on " + now.hashKey())
                + (sticky == null ? "" : ", bound by cookie " + sticky.name());
    }

    /** Assigns one attempt from the pool as it is now; null when nobody may get a request. */
    public @Nullable Lease acquire(Tried tried) {
        return acquire(tried, 0, null);
    }

    /**
     * Assigns one attempt by what its request hashes to; null when nobody may get it.
     *
     * @param key the hash of what {@link #hashKey} names; 0 when the request has none of it, or the pool needs none
     */
    public @Nullable Lease acquire(Tried tried, long key) {
        return acquire(tried, key, null);
    }

    /**
     * Assigns one attempt of a client that is bound to a backend; null when nobody may get it.
     *
     * @param preferred the backend that this client is bound to: it gets the request if it may, else the balancer chooses
     */
    public @Nullable Lease acquire(Tried tried, long key, @Nullable String preferred) {
        Lease lease = new Lease();
        return acquire(tried, key, preferred, lease) ? lease : null;
    }

    /**
     * As {@link #acquire(Tried, long, String)}, allocating nothing.
     *
     * @param into a lease that was never used or is closed
     * @return whether it became a lease
     */
    public boolean acquire(Tried tried, long key, @Nullable String preferred, Lease into) {
        PoolSnapshot seen = pool.snapshot();
        if (preferred != null && acquirePreferred(seen, tried, preferred, into)) {
            return true;
        }
        LoadBalancer balancer = choice.balancer();
        if (balancer.acquire(seen, tried, key, into)) {
            return true;
        }
        // Everybody in it may have been replaced while the balancer looked.
        PoolSnapshot now = pool.snapshot();
        return now != seen && balancer.acquire(now, tried, key, into);
    }

    /**
     * As {@link #acquire(Tried, long, String)}, for callers who have another pool: null also when those who may get the request were all tried,
     * or would get it only because none is well.
     */
    public @Nullable Lease acquireWell(Tried tried, long key, @Nullable String preferred) {
        Lease into = new Lease();
        PoolSnapshot now = pool.snapshot();
        if (preferred != null && acquirePreferred(now, tried, preferred, into)) {
            return into;
        }
        return choice.balancer().acquireWell(now, tried, key, into) ? into : null;
    }

    private static boolean acquirePreferred(PoolSnapshot now, Tried tried, String id, Lease into) {
        Backend backend = now.find(id);
        return backend != null && !tried.contains(backend) && backend.tryAcquire(now.isBelowPanicThreshold(), into);
    }
}
