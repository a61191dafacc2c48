package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of one request body that was received so far, kept for a further attempt until it grows past the route's limit or the process's
 * memory for it is used up. From then on the body can be sent only once.
 */
final class ReplayWindow {
    /** A part that fills less than this share of the buffer it was read into is copied, or a dribbling client would hold far more than it sent. */
    private static final int MIN_SHARE = 4;

    private static final int COPY_BYTES = 4 * 1024;

    private final ReplayMemory memory;
    private final long maxBytes;
    private final List<ByteBuf> parts = new ArrayList<>(1);
    /** The last part, while it is a copy that has room. */
    private @Nullable ByteBuf copy;

    private long bytes;
    private long reserved;
    private boolean complete = true;
    /** Holds more than it may, because that was not sent yet. */
    private boolean oversize;

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

    /** Keeps it, if it can; takes it over. */
    void add(ByteBuf part) {
        if (complete && fits(part)) {
            keep(part);
        } else {
            giveUp();
            part.release();
        }
    }

    /** Keeps what no attempt has sent yet, whatever the limits say: dropping it would leave a hole in the body. Takes it over. */
    void hold(ByteBuf part) {
        if (complete) {
            oversize |= !fits(part);
            keep(part);
        } else {
            part.release();
        }
    }

    /** Everything held has been sent: what was held beyond the limits goes. */
    void sent() {
        if (oversize) {
            giveUp();
        }
    }

    private boolean fits(ByteBuf part) {
        long needed = bytes + part.readableBytes();
        return needed <= maxBytes && (needed <= reserved || tryReserve(needed - reserved));
    }

    private void keep(ByteBuf part) {
        bytes += part.readableBytes();
        ByteBuf whole = part.unwrap();
        if (whole != null && (long) part.readableBytes() * MIN_SHARE >= whole.capacity()) {
            copy = null;
            parts.add(part);
        } else {
            copy(part);
            part.release();
        }
    }

    private void copy(ByteBuf part) {
        ByteBuf into = copy;
        if (into == null || into.writableBytes() < part.readableBytes()) {
            into = part.alloc().buffer(Math.max(COPY_BYTES, part.readableBytes()));
            copy = into;
            parts.add(into);
        }
        into.writeBytes(part, part.readerIndex(), part.readableBytes());
    }

    /** Whether it holds everything that was received. */
    boolean isComplete() {
        return complete;
    }

    /** What was received, to be read without moving it. */
    List<ByteBuf> parts() {
        return parts;
    }

    /** Drops what is held; a further attempt is impossible from then on. */
    void giveUp() {
        complete = false;
        oversize = false;
        copy = null;
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).release();
        }
        parts.clear();
        memory.release(reserved);
        bytes = 0;
        reserved = 0;
    }
}
