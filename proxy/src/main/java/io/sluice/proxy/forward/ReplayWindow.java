package io.sluice.proxy.forward;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of one request body that was received so far, kept for a further attempt until it grows past the route's limit or the process's
 * memory for it is used up. From then on the body can be sent only once.
 */
final class ReplayWindow {
    private final ReplayMemory memory;
    private final long maxBytes;
    private final List<Buffer> chunks = new ArrayList<>(1);
    private long bytes;
    private long reserved;
    private boolean complete = true;

    ReplayWindow(ReplayMemory memory, long maxBytes) {
        this.memory = memory;
        this.maxBytes = maxBytes;
    }

    /** Makes sure that a body of this length fits. */
    boolean tryReserve(long length) {
        if (length > maxBytes || !memory.tryReserve(length)) {
            return false;
        }
        reserved += length;
        return true;
    }

    void add(Buffer chunk) {
        if (!complete) {
            return;
        }
        long needed = bytes + chunk.length();
        if (needed > maxBytes || (needed > reserved && !tryReserve(needed - reserved))) {
            giveUp();
            return;
        }
        bytes = needed;
        chunks.add(chunk);
    }

    /** Whether it holds everything that was received. */
    boolean isComplete() {
        return complete;
    }

    List<Buffer> chunks() {
        return chunks;
    }

    /** Drops what is held; a further attempt is impossible from then on. */
    void giveUp() {
        complete = false;
        chunks.clear();
        memory.release(reserved);
        bytes = 0;
        reserved = 0;
    }
}
