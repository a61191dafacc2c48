package io.sluice.proxy.forward;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that all replay windows of a process may hold together. Shared by all event loops. */
public final class ReplayMemory {
    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();

    public ReplayMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    boolean tryReserve(long bytes) {
        if (used.addAndGet(bytes) <= maxBytes) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    void release(long bytes) {
        if (bytes > 0) {
            used.addAndGet(-bytes);
        }
    }

    public long usedBytes() {
        return used.get();
    }
}
