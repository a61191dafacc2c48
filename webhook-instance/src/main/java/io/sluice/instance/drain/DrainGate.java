package io.sluice.instance.drain;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What every request passes before it may be accepted. State and in-flight count are one atomic word, so that once {@link #shut} has
 * returned no request can slip in, and the count that is read afterwards can only fall.
 *
 * <p>Bits: 0–47 requests in flight, 62 shut.
 */
public final class DrainGate {
    private static final long SHUT = 1L << 62;
    private static final long COUNT = (1L << 48) - 1;

    private final AtomicLong word = new AtomicLong();
    private volatile boolean closingConnections;
    private volatile Runnable onEmpty = () -> {};

    /** Takes a place, to be given back by exactly one {@link #leave}; false when new requests are refused (503, nothing stored). Any thread. */
    public boolean tryEnter() {
        long seen = word.get();
        while ((seen & SHUT) == 0) {
            if (word.compareAndSet(seen, seen + 1)) {
                return true;
            }
            seen = word.get();
        }
        return false;
    }

    /** Gives the place back. Any thread. */
    public void leave() {
        long now = word.decrementAndGet();
        if ((now & COUNT) == COUNT) {
            word.incrementAndGet();
            throw new IllegalStateException("leave without tryEnter");
        }
        if (now == SHUT) {
            onEmpty.run();
        }
    }

    /** Requests that have entered and not left. */
    public long inFlight() {
        return word.get() & COUNT;
    }

    /** Whether answers should carry {@code Connection: close}, because a drain has begun. */
    public boolean isClosingConnections() {
        return closingConnections;
    }

    boolean isShut() {
        return (word.get() & SHUT) != 0;
    }

    void closeConnections(boolean close) {
        closingConnections = close;
    }

    void shut() {
        word.getAndUpdate(now -> now | SHUT);
    }

    void reopen() {
        word.getAndUpdate(now -> now & ~SHUT);
    }

    /** Called when the last request leaves a shut gate, on the thread that leaves. */
    void onEmpty(Runnable action) {
        onEmpty = action;
    }
}
