package io.sluice.proxy.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads the body of one message after another, as its head framed it (RFC 9112 §6–§7). Belongs to one connection. */
public final class BodyReader {
    /** Is given what the body holds. */
    public interface Receiver {
        /** A part of the content; becomes the receiver's to release. */
        void bodyReceived(ByteBuf part);

        /** The body is complete. Trailers are valid during the call. */
        void bodyEnded(@Nullable Fields trailers);
    }

    private static final long UNTIL_CLOSE = -1;
    private static final long CHUNKED = -2;

    private final int maxTrailers;
    private final int maxTrailerCount;
    private @Nullable ChunkReader chunks;
    private long remaining;
    private boolean ended = true;

    /** @param maxTrailers bytes of a trailer section */
    public BodyReader(int maxTrailers, int maxTrailerCount) {
        this.maxTrailers = maxTrailers;
        this.maxTrailerCount = maxTrailerCount;
    }

    /** The next body has this many bytes; with none it is ended at once, without a call. */
    public void beginLength(long bytes) {
        remaining = bytes;
        ended = bytes == 0;
    }

    /** The next body comes in chunks. */
    public void beginChunked() {
        remaining = CHUNKED;
        ended = false;
        if (chunks == null) {
            chunks = new ChunkReader(maxTrailers, maxTrailerCount);
        }
        chunks.begin();
    }

    /** The next body is all that comes until the connection ends. */
    public void beginUntilClose() {
        remaining = UNTIL_CLOSE;
        ended = false;
    }

    public boolean isEnded() {
        return ended;
    }

    /** Whether the end of the connection is the proper end of the body. */
    public boolean endsWithConnection() {
        return !ended && remaining == UNTIL_CLOSE;
    }

    /** Takes what belongs to the body, leaves what follows. Returns false when it is malformed; nothing more can be read then. */
    public boolean read(ByteBuf in, Receiver receiver) {
        if (ended) {
            return true;
        }
        if (remaining == CHUNKED && chunks != null) {
            return readChunks(chunks, in, receiver);
        }
        int readable = in.readableBytes();
        int taken = remaining == UNTIL_CLOSE ? readable : (int) Math.min(readable, remaining);
        if (taken == 0) {
            return true;
        }
        if (remaining != UNTIL_CLOSE) {
            remaining -= taken;
            ended = remaining == 0;
        }
        receiver.bodyReceived(in.readRetainedSlice(taken));
        if (ended) {
            receiver.bodyEnded(null);
        }
        return true;
    }

    private boolean readChunks(ChunkReader reader, ByteBuf in, Receiver receiver) {
        while (in.isReadable() && !ended) {
            switch (reader.read(in)) {
                case MORE -> {}
                case CONTENT -> receiver.bodyReceived(reader.take(in));
                case END -> {
                    ended = true;
                    receiver.bodyEnded(reader.trailers());
                }
                case MALFORMED -> {
                    return false;
                }
            }
        }
        return true;
    }
}
