package io.sluice.proxy.pool;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/** The right to run one request on a backend, from its assignment until it has finished. Closes exactly once; any thread may close it. */
public final class Lease implements AutoCloseable {
    private static final AtomicIntegerFieldUpdater<Lease> CLOSED =
            AtomicIntegerFieldUpdater.newUpdater(Lease.class, "closed");

    private final Backend backend;

    @SuppressWarnings("UnusedVariable") // read and written through CLOSED
    private volatile int closed;

    Lease(Backend backend) {
        this.backend = backend;
    }

    public Backend backend() {
        return backend;
    }

    /** Gives the request back. A second close changes nothing and is counted in {@link Backend#surplusReleases()}. */
    @Override
    public void close() {
        if (CLOSED.compareAndSet(this, 0, 1)) {
            backend.release();
        } else {
            backend.countSurplusRelease();
        }
    }
}
