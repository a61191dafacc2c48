package io.sluice.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.FileRegion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what is written to one connection, so that a head and a body that is not large leave in one system call; large parts are passed on as
 * they are. Nothing leaves before {@link #flush}. A failed write closes the connection, so nobody is told of it here.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and its handler is told
public final class MessageWriter {
    /** Below this, copying is cheaper than another element in a gathering write. */
    private static final int COPIED = 8 * 1024;

    private static final int HEAD_BYTES = 1024;
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] LAST_CHUNK = ascii("0\r\n");
    private static final byte[] SEPARATOR = ascii(": ");
    private static final byte[] HEX = ascii("0123456789abcdef");

    private final Channel channel;
    private @Nullable ByteBuf gathered;

    public MessageWriter(Channel channel) {
        this.channel = channel;
    }

    /** Bytes as they are written in protocols. */
    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Where to write what is small. */
    public ByteBuf buffer() {
        ByteBuf now = gathered;
        if (now == null) {
            now = channel.alloc().directBuffer(HEAD_BYTES);
            gathered = now;
        }
        return now;
    }

    /** Text as {@link Fields} gives it: one octet for each character. */
    public static void text(ByteBuf out, String text) {
        ByteBufUtil.writeAscii(out, text);
    }

    public static void field(ByteBuf out, byte[] name, String value) {
        out.writeBytes(name);
        out.writeBytes(SEPARATOR);
        text(out, value);
        out.writeBytes(CRLF);
    }

    public static void endHead(ByteBuf out) {
        out.writeBytes(CRLF);
    }

    /** Writes a part of a body; takes it over. */
    public void write(ByteBuf part) {
        ByteBuf now = gathered;
        int bytes = part.readableBytes();
        if (bytes <= COPIED && (now == null || now.readableBytes() + bytes <= COPIED + HEAD_BYTES)) {
            buffer().writeBytes(part);
            part.release();
            return;
        }
        passGathered();
        channel.write(part, channel.voidPromise());
    }

    /** Writes a part of a file that the kernel moves; takes it over. */
    public ChannelFuture write(FileRegion part) {
        passGathered();
        return channel.write(part);
    }

    /** Writes a part of a body as a chunk (RFC 9112 §7.1); takes it over. */
    public void writeChunk(ByteBuf part) {
        if (!part.isReadable()) {
            part.release();
            return;
        }
        ByteBuf out = buffer();
        hex(out, part.readableBytes());
        out.writeBytes(CRLF);
        write(part);
        buffer().writeBytes(CRLF);
    }

    /** Ends a body in chunks. */
    public void writeLastChunk(@Nullable Fields trailers) {
        ByteBuf out = buffer();
        out.writeBytes(LAST_CHUNK);
        endUnframed(out, trailers);
    }

    /** Ends a section that frames nothing, a trailer section or an interim head: its fields, without those that have no place there. */
    public static void endUnframed(ByteBuf out, @Nullable Fields fields) {
        if (fields != null) {
            for (int i = 0; i < fields.count(); i++) {
                if (!fields.known(i).isForbiddenInTrailers()) {
                    fields.writeLines(i, i, out);
                }
            }
        }
        out.writeBytes(CRLF);
    }

    private static void hex(ByteBuf out, int number) {
        int digits = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(number) + 3) / 4);
        for (int i = digits - 1; i >= 0; i--) {
            out.writeByte(HEX[(number >>> (4 * i)) & 0xf]);
        }
    }

    private void passGathered() {
        ByteBuf now = gathered;
        if (now != null) {
            gathered = null;
            channel.write(now, channel.voidPromise());
        }
    }

    /** Lets everything go that was written. */
    public void flush() {
        ByteBuf now = gathered;
        if (now != null) {
            gathered = null;
            channel.writeAndFlush(now, channel.voidPromise());
        } else {
            channel.flush();
        }
    }

    /** Whether the other end takes what is written as fast as it comes. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    /** Drops what did not leave. */
    public void release() {
        ByteBuf now = gathered;
        if (now != null) {
            gathered = null;
            now.release();
        }
    }
}
