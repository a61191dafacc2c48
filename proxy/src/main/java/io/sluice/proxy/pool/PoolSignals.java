package io.sluice.proxy.pool;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the backends of one pool tell on the way of a request. Each of these costs a read while nobody wants to know it.
 *
 * <p>No wake-up is lost: a waiter is counted before it looks for room a last time, and room is made before the waiters are counted.
 */
final class PoolSignals {
    private final AtomicInteger waiting = new AtomicInteger();
    private final List<Runnable> onRoom = new CopyOnWriteArrayList<>();
    private volatile @Nullable Consumer<Backend> onMove;
    private volatile @Nullable Consumer<Backend> onTrialEnd;

    int waiting() {
        return waiting.get();
    }

    /** Counts one more that waits, unless there are {@code limit}. */
    boolean tryWait(int limit) {
        while (true) {
            int now = waiting.get();
            if (now >= limit) {
                return false;
            }
            if (waiting.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    void endWait() {
        waiting.decrementAndGet();
    }

    void addRoomListener(Runnable listener) {
        onRoom.add(listener);
    }

    void madeRoom() {
        if (waiting.get() > 0) {
            onRoom.forEach(Runnable::run);
        }
    }

    void setMoveListener(Consumer<Backend> listener) {
        onMove = listener;
    }

    /** Its count fell, or something that decides about it changed. */
    void moved(Backend backend) {
        Consumer<Backend> listener = onMove;
        if (listener != null) {
            listener.accept(backend);
        }
    }

    void setTrialListener(Consumer<Backend> listener) {
        onTrialEnd = listener;
    }

    void trialEnded(Backend backend) {
        Consumer<Backend> listener = onTrialEnd;
        if (listener != null) {
            listener.accept(backend);
        }
    }
}
