package io.sluice.proxy.pool;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The right to run one request on a backend, from its assignment until it has finished. Closes exactly once; any thread may close it.
 *
 * <p>It may be a part of what the caller needs for each attempt anyway (by extending it), so that assigning allocates nothing. Nobody should
 * use one twice: a late second close of the first use would end the second.
 */
public class Lease implements AutoCloseable {
    private static final AtomicIntegerFieldUpdater<Lease> OPEN =
            AtomicIntegerFieldUpdater.newUpdater(Lease.class, "open");

    private @Nullable Backend backend;
    /** Which trial of the backend this request is; 0: none. */
    private int trial;

    @SuppressWarnings("UnusedVariable") // read and written through OPEN
    private volatile int open;

    /** A lease of nothing yet. */
    public Lease() {}

    final void take(Backend assigned, int number) {
        if (open != 0) {
            throw new IllegalStateException("already a lease of " + backend);
        }
        backend = assigned;
        trial = number;
        // Whoever else closes it got it from here in some way that orders the two.
        OPEN.lazySet(this, 1);
    }

    /** Whom the request is assigned to. */
    public final Backend backend() {
        Backend assigned = backend;
        if (assigned == null) {
            throw new IllegalStateException("a lease of nothing");
        }
        return assigned;
    }

    /** Whether this request decides if its backend, which failed before, gets more. */
    public final boolean isTrial() {
        return trial != 0;
    }

    /** Gives the request back. A second close changes nothing and is counted in {@link Backend#surplusReleases()}. */
    @Override
    public final void close() {
        if (OPEN.compareAndSet(this, 1, 0)) {
            Backend assigned = backend();
            assigned.release();
            if (trial != 0) {
                assigned.trialEnded(trial);
            }
        } else {
            backend().countSurplusRelease();
        }
    }
}
