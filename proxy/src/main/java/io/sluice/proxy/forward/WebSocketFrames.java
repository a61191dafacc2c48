package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Where the frames of one direction of a WebSocket end (RFC 6455 §5.2). A stream of frames cannot be entered in its middle, so that all of it is
 * followed; of a frame only its header is looked at, and what carries on with a payload costs one subtraction.
 */
final class WebSocketFrames {
    /** A client's peer goes away. */
    static final int GOING_AWAY = 1001;
    /** A server restarts: come again (IANA's registry of close codes). */
    static final int SERVICE_RESTART = 1012;

    private static final int OPCODE = 0x0f;
    private static final int CLOSE = 0x08;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int TWO_OCTETS = 126;
    private static final int EIGHT_OCTETS = 127;
    private static final int MASK_OCTETS = 4;
    private static final int FINAL = 0x80;
    private static final int CLOSE_OCTETS = 8;

    /** Of the payload that has begun. */
    private long left;

    private int headerRead;
    private int headerLength;
    private int lengthEnd;
    private long length;
    private boolean closing;

    /** Whether no frame is under way. */
    boolean isAtBoundary() {
        return left == 0 && headerRead == 0;
    }

    /** Whether the frame after which nothing may come was seen. */
    boolean isClosed() {
        return closing && isAtBoundary();
    }

    /** Follows all of these. */
    void pass(ByteBuf bytes) {
        advance(bytes, false);
    }

    /** Follows these up to the end of the frame that is under way; returns how many belong to it. */
    int passRestOfFrame(ByteBuf bytes) {
        return advance(bytes, true);
    }

    private int advance(ByteBuf bytes, boolean oneFrame) {
        int from = bytes.readerIndex();
        int end = bytes.writerIndex();
        int at = from;
        while (at < end && !(oneFrame && isAtBoundary())) {
            if (left > 0) {
                int step = (int) Math.min(left, end - at);
                left -= step;
                at += step;
            } else {
                readHeader(bytes.getUnsignedByte(at));
                at++;
            }
        }
        return at - from;
    }

    private void readHeader(int octet) {
        if (headerRead == 0) {
            closing |= (octet & OPCODE) == CLOSE;
        } else if (headerRead == 1) {
            int announced = octet & LENGTH;
            length = announced < TWO_OCTETS ? announced : 0;
            lengthEnd = 2 + lengthOctets(announced);
            headerLength = lengthEnd + ((octet & MASKED) == 0 ? 0 : MASK_OCTETS);
        } else if (headerRead < lengthEnd) {
            length = length << Byte.SIZE | octet;
        }
        headerRead++;
        if (headerRead > 1 && headerRead == headerLength) {
            // The highest bit must not be set; a peer that sets it will be cut off by the other one.
            left = length & Long.MAX_VALUE;
            headerRead = 0;
            headerLength = 0;
        }
    }

    private static int lengthOctets(int announced) {
        return switch (announced) {
            case TWO_OCTETS -> 2;
            case EIGHT_OCTETS -> 8;
            default -> 0;
        };
    }

    /** The frame that tells a client why its connection ends. */
    static ByteBuf closeForClient(ByteBufAllocator allocator, int code) {
        return allocator
                .buffer(CLOSE_OCTETS)
                .writeByte(FINAL | CLOSE)
                .writeByte(2)
                .writeShort(code);
    }

    /**
     * The frame that tells a server so.
     *
     * @param mask any number that the server cannot foresee
     */
    static ByteBuf closeForServer(ByteBufAllocator allocator, int code, int mask) {
        return allocator
                .buffer(CLOSE_OCTETS)
                .writeByte(FINAL | CLOSE)
                .writeByte(MASKED | 2)
                .writeInt(mask)
                .writeShort(code ^ mask >>> Short.SIZE);
    }
}
