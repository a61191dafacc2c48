package io.sluice.proxy.pool;

import org.jspecify.annotations.Nullable;

/** A request on a backend that no balancer chose. */
public final class TestLease {
    private TestLease() {}

    /** Null when something speaks against the request. */
    public static @Nullable Lease of(Backend backend) {
        Lease lease = new Lease();
        return backend.tryAcquire(false, lease) ? lease : null;
    }
}
