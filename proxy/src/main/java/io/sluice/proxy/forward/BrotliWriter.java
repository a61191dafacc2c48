package io.sluice.proxy.forward;

import com.aayushatharva.brotli4j.encoder.Encoder;
import com.aayushatharva.brotli4j.encoder.EncoderJNI;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Makes one Brotli stream (RFC 7932) out of parts. */
final class BrotliWriter implements ContentEncoder {
    /** What is handed over at once. */
    private static final int INPUT_BYTES = 16 * 1024;

    /** 256 KiB: far more would be held for every response that runs than most of them are long. */
    private static final int WINDOW_LOG = 18;

    private static final int LEAST = 512;

    private final ByteBufAllocator allocator;
    private final EncoderJNI.Wrapper encoder;
    private boolean dirty;
    private boolean closed;

    /** @param level 0 to 11 */
    BrotliWriter(ByteBufAllocator allocator, int level) {
        this.allocator = allocator;
        try {
            this.encoder = new EncoderJNI.Wrapper(INPUT_BYTES, level, WINDOW_LOG, Encoder.Mode.GENERIC);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ByteBuf write(ByteBuf part) {
        ByteBuf out = allocator.directBuffer(part.readableBytes() / 2 + LEAST);
        dirty |= part.isReadable();
        while (part.isReadable()) {
            ByteBuffer input = encoder.getInputBuffer();
            int length = Math.min(part.readableBytes(), input.capacity());
            input.clear().limit(length);
            part.readBytes(input);
            push(EncoderJNI.Operation.PROCESS, length, out);
        }
        part.release();
        return out;
    }

    @Override
    public boolean isDirty() {
        return dirty;
    }

    @Override
    public ByteBuf flush() {
        return end(EncoderJNI.Operation.FLUSH);
    }

    @Override
    public ByteBuf end() {
        return end(EncoderJNI.Operation.FINISH);
    }

    private ByteBuf end(EncoderJNI.Operation operation) {
        dirty = false;
        ByteBuf out = allocator.directBuffer(LEAST);
        push(operation, 0, out);
        return out;
    }

    private void push(EncoderJNI.Operation operation, int length, ByteBuf out) {
        encoder.push(operation, length);
        while (true) {
            if (!encoder.isSuccess()) {
                out.release();
                throw new IllegalStateException("Brotli failed");
            }
            if (encoder.hasMoreOutput()) {
                out.writeBytes(encoder.pull());
            } else if (encoder.hasRemainingInput()) {
                encoder.push(operation, 0);
            } else {
                return;
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            encoder.destroy();
        }
    }
}
