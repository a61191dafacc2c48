package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Makes one gzip stream (RFC 1952) out of parts. Belongs to one event loop; holds native memory until {@link #close}. */
final class GzipWriter implements ContentEncoder {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final int LEAST = 512;

    private final ByteBufAllocator allocator;
    private final Deflater deflater;
    private final CRC32 checksum = new CRC32();
    private boolean begun;
    private boolean dirty;
    private boolean closed;

    /** @param level 1 to 9 */
    GzipWriter(ByteBufAllocator allocator, int level) {
        this.allocator = allocator;
        this.deflater = new Deflater(level, true);
    }

    @Override
    public ByteBuf write(ByteBuf part) {
        ByteBuf out = begin(part.readableBytes() / 2 + LEAST);
        for (ByteBuffer piece : part.nioBuffers()) {
            checksum.update(piece.duplicate());
            deflater.setInput(piece);
            drain(out, Deflater.NO_FLUSH);
        }
        dirty |= part.isReadable();
        part.release();
        return out;
    }

    @Override
    public boolean isDirty() {
        return dirty;
    }

    @Override
    public ByteBuf flush() {
        dirty = false;
        ByteBuf out = begin(LEAST);
        drain(out, Deflater.SYNC_FLUSH);
        return out;
    }

    @Override
    public ByteBuf end() {
        dirty = false;
        ByteBuf out = begin(LEAST);
        deflater.finish();
        drain(out, Deflater.NO_FLUSH);
        out.writeIntLE((int) checksum.getValue());
        out.writeIntLE((int) deflater.getBytesRead());
        return out;
    }

    private ByteBuf begin(int capacity) {
        ByteBuf out = allocator.directBuffer(capacity);
        if (!begun) {
            begun = true;
            out.writeBytes(HEADER);
        }
        return out;
    }

    private void drain(ByteBuf out, int mode) {
        int made;
        int room;
        do {
            out.ensureWritable(LEAST);
            ByteBuffer free = out.nioBuffer(out.writerIndex(), out.writableBytes());
            room = free.remaining();
            made = deflater.deflate(free, mode);
            out.writerIndex(out.writerIndex() + made);
            // A full buffer may mean that there is more.
        } while (made == room || (made > 0 && mode == Deflater.NO_FLUSH && !deflater.needsInput()));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            deflater.end();
        }
    }
}
