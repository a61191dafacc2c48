package io.sluice.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where callers leave requests for the writer. The writer takes appends by the batch, as many as have come together while it was busy; any
 * other request is a batch of its own, so the order in which callers asked is kept. There is no timer.
 */
final class RequestQueue {

    private static final int MAX_BATCH_REQUESTS = 2048;
    private static final long MAX_BATCH_BYTES = 4L << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();

    @GuardedBy("lock")
    private final Deque<Request> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean closed;

    /** False once the queue is closed; the request is then not taken. */
    boolean offer(Request request) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (waiting.isEmpty()) {
                arrived.signal();
            }
            waiting.add(request);
            return true;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for requests and returns the next batch; empty when the queue is closed and nothing is left. */
    List<Request> take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                arrived.awaitUninterruptibly();
            }
            return nextBatch();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private List<Request> nextBatch() {
        List<Request> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < MAX_BATCH_REQUESTS) {
            Request next = waiting.peek();
            if (next == null) {
                break;
            }
            if (next instanceof Request.Append append) {
                bytes += append.bytes();
                if (!batch.isEmpty() && bytes > MAX_BATCH_BYTES) {
                    break;
                }
                batch.add(waiting.remove());
            } else {
                if (batch.isEmpty()) {
                    batch.add(waiting.remove());
                }
                break;
            }
        }
        return batch;
    }
}
