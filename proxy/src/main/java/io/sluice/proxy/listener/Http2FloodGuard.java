package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the headers of HTTP/2 frames before anything is done with them, and ends a connection that sends too many of those that cost work and
 * carry nothing: SETTINGS, PING, PRIORITY and unknown ones, and CONTINUATION, of which a header section that is allowed needs few
 * (CVE-2019-9512, CVE-2019-9515, CVE-2024-27316). Resets and empty DATA are counted by the codec.
 */
final class Http2FloodGuard extends ChannelInboundHandlerAdapter {
    private static final int MAX_CONTINUATIONS = 32;
    private static final int MAX_CONTROL_FRAMES = 1000;
    private static final long CONTROL_FRAMES_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int TYPE_AT = 3;

    private final LoopListener loop;
    /** The bytes of the preface come first. */
    private int skipped = Http2CodecUtil.connectionPrefaceBuf().readableBytes();

    private int headerAt;
    private int length;
    private int type;
    private int continuations;
    private int controlFrames;
    private long windowEnd;
    private boolean tripped;

    Http2FloodGuard(LoopListener loop) {
        this.loop = loop;
        this.windowEnd = loop.nanoTime() + CONTROL_FRAMES_NANOS;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (!tripped && !pass(in)) {
            tripped = true;
            context.fireExceptionCaught(
                    Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many frames of type %d", type));
        }
        if (tripped) {
            in.release();
        } else {
            context.fireChannelRead(in);
        }
    }

    private boolean pass(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end) {
            if (skipped > 0) {
                int taken = Math.min(skipped, end - at);
                skipped -= taken;
                at += taken;
                continue;
            }
            readHeader(in.getUnsignedByte(at));
            at++;
            if (headerAt == Http2CodecUtil.FRAME_HEADER_LENGTH) {
                headerAt = 0;
                skipped = length;
                if (!countFrame()) {
                    return false;
                }
            }
        }
        return true;
    }

    private void readHeader(int octet) {
        if (headerAt == 0) {
            length = octet;
        } else if (headerAt < TYPE_AT) {
            length = length << 8 | octet;
        } else if (headerAt == TYPE_AT) {
            type = octet;
        }
        headerAt++;
    }

    private boolean countFrame() {
        switch (type) {
            case Http2FrameTypes.CONTINUATION -> {
                continuations++;
                return continuations <= MAX_CONTINUATIONS;
            }
            case Http2FrameTypes.HEADERS -> continuations = 0;
            case Http2FrameTypes.DATA, Http2FrameTypes.RST_STREAM, Http2FrameTypes.WINDOW_UPDATE -> {}
            default -> {
                return countControlFrame();
            }
        }
        return true;
    }

    private boolean countControlFrame() {
        controlFrames++;
        if (controlFrames <= MAX_CONTROL_FRAMES) {
            return true;
        }
        long now = loop.nanoTime();
        if (now - windowEnd < 0) {
            return false;
        }
        controlFrames = 1;
        windowEnd = now + CONTROL_FRAMES_NANOS;
        return true;
    }
}
