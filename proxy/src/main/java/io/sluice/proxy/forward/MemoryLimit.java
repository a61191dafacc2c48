package io.sluice.proxy.forward;

import java.util.function.LongSupplier;

/**
 * How much may be held in buffers by everything together: what was read and not yet passed on, kept for a retry, or not taken yet by whoever it
 * is for. Measured now and then, so that a request costs one look. Thread-safe.
 */
public final class MemoryLimit {
    private final long maxBytes;
    private final LongSupplier used;
    private volatile boolean exceeded;

    /** @param used bytes in buffers right now */
    public MemoryLimit(long maxBytes, LongSupplier used) {
        this.maxBytes = maxBytes;
        this.used = used;
    }

    public long usedBytes() {
        return used.getAsLong();
    }

    /** Looks again. */
    void measure() {
        boolean now = used.getAsLong() > maxBytes;
        if (now != exceeded) {
            exceeded = now;
        }
    }

    /** Whether nothing new can be taken on. */
    boolean isExceeded() {
        return exceeded;
    }
}
