package io.sluice.proxy.forward;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.function.Consumer;

/** Something to be done with each of several things, evenly spread over a time: the first at once, the last shortly before its end. */
final class Spread<T> {
    private final ArrayDeque<T> left;
    private final int count;
    private final long from;
    private final long windowNanos;
    private int done;

    Spread(Collection<T> all, long from, long windowNanos) {
        this.left = new ArrayDeque<>(all);
        this.count = left.size();
        this.from = from;
        this.windowNanos = windowNanos;
    }

    /** Does what is due by now; returns whether that was the last. */
    boolean proceed(long now, Consumer<T> action) {
        while (!left.isEmpty() && now - from >= windowNanos / count * done) {
            done++;
            action.accept(left.remove());
        }
        return left.isEmpty();
    }
}
