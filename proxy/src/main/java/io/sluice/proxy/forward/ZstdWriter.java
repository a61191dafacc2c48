package io.sluice.proxy.forward;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;

/** Makes one Zstandard frame (RFC 8878) out of parts. */
final class ZstdWriter implements ContentEncoder {
    /** 256 KiB: far more would be held for every response that runs than most of them are long, and clients may refuse more than 8 MiB. */
    private static final int WINDOW_LOG = 18;

    private static final int LEAST = 512;
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ByteBufAllocator allocator;
    private final ZstdCompressCtx context;
    private boolean dirty;

    /** @param level 1 to 19 */
    ZstdWriter(ByteBufAllocator allocator, int level) {
        this.allocator = allocator;
        this.context = new ZstdCompressCtx().setLevel(level).setWindowLog(WINDOW_LOG);
    }

    @Override
    public ByteBuf write(ByteBuf part) {
        dirty |= part.isReadable();
        ByteBuf input = direct(part);
        ByteBuf out = allocator.directBuffer(input.readableBytes() / 2 + LEAST);
        for (ByteBuffer piece : input.nioBuffers()) {
            ByteBuffer rest = piece.duplicate();
            while (rest.hasRemaining()) {
                step(rest, out, EndDirective.CONTINUE);
            }
        }
        input.release();
        return out;
    }

    /** Native code reads it where it is. */
    private ByteBuf direct(ByteBuf part) {
        if (part.isDirect()) {
            return part;
        }
        ByteBuf copy = allocator.directBuffer(part.readableBytes());
        copy.writeBytes(part);
        part.release();
        return copy;
    }

    @Override
    public boolean isDirty() {
        return dirty;
    }

    @Override
    public ByteBuf flush() {
        return end(EndDirective.FLUSH);
    }

    @Override
    public ByteBuf end() {
        return end(EndDirective.END);
    }

    private ByteBuf end(EndDirective how) {
        dirty = false;
        ByteBuf out = allocator.directBuffer(LEAST);
        while (!step(NOTHING.duplicate(), out, how)) {
            // There is more than there was room for.
        }
        return out;
    }

    private boolean step(ByteBuffer from, ByteBuf out, EndDirective how) {
        out.ensureWritable(LEAST);
        ByteBuffer free = out.nioBuffer(out.writerIndex(), out.writableBytes());
        int start = free.position();
        boolean done = context.compressDirectByteBufferStream(free, from, how);
        out.writerIndex(out.writerIndex() + free.position() - start);
        return done;
    }

    @Override
    public void close() {
        context.close();
    }
}
