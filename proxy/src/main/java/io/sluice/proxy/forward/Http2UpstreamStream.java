package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on a connection to a backend that speaks HTTP/2. The codec gives it a channel, whose reading and writability are its flow control. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the stream, and that is told
final class Http2UpstreamStream extends ChannelInboundHandlerAdapter implements Upstream {
    private static final Logger LOG = LoggerFactory.getLogger(Http2UpstreamStream.class);
    private static final int MAX_FIELDS = 500;
    private static final int HEAD_BYTES = 1024;
    /** A backend that sends more of them than this is not answering. */
    private static final int MAX_INTERIM = 16;

    private final Http2UpstreamConnection connection;
    private @Nullable Channel channel;
    private @Nullable Receiver receiver;
    private boolean toHead;
    private int interim;
    private boolean answered;
    private boolean requestEnded;
    private boolean responseEnded;
    private boolean over;

    private @Nullable ByteBuf head;
    private @Nullable ByteBuf heldPart;

    Http2UpstreamStream(Http2UpstreamConnection connection) {
        this.connection = connection;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    // The request.

    @Override
    public boolean isClosed() {
        return over || channel == null;
    }

    @Override
    public void begin(Receiver newReceiver, boolean headRequest) {
        receiver = newReceiver;
        toHead = headRequest;
    }

    @Override
    public ByteBuf buffer() {
        ByteBuf now = head;
        if (now == null) {
            now = connection.allocator().buffer(HEAD_BYTES);
            head = now;
        }
        return now;
    }

    @Override
    public void write(ByteBuf part) {
        if (over || !part.isReadable()) {
            part.release();
            return;
        }
        passHeld(false);
        heldPart = part;
    }

    @Override
    public void writeChunk(ByteBuf part) {
        write(part);
    }

    @Override
    public void endRequest(boolean chunked, @Nullable Fields trailers) {
        if (over || requestEnded) {
            return;
        }
        requestEnded = true;
        Http2Headers tail = Http2Fields.trailers(trailers);
        if (tail == null) {
            passHeld(true);
        } else {
            passHeld(false);
            write(new DefaultHttp2HeadersFrame(tail, true));
        }
    }

    /** Passes on what is held; with {@code last} the request ends with it, whatever it is. */
    private void passHeld(boolean last) {
        ByteBuf part = heldPart;
        heldPart = null;
        ByteBuf written = head;
        if (written != null) {
            head = null;
            write(new DefaultHttp2HeadersFrame(connection.request(written), last && part == null));
            if (part == null) {
                return;
            }
        }
        if (part != null) {
            write(new DefaultHttp2DataFrame(part, last));
        } else if (last) {
            write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        }
    }

    private void write(Object frame) {
        Channel open = channel;
        if (open == null) {
            ReferenceCountUtil.release(frame);
        } else {
            open.write(frame);
        }
    }

    @Override
    public void flush() {
        Channel open = channel;
        if (!over && open != null) {
            if (!requestEnded) {
                passHeld(false);
            }
            open.flush();
        }
    }

    @Override
    public boolean isWritable() {
        Channel open = channel;
        return over || open == null || open.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        Channel open = channel;
        if (open != null && open.isActive()) {
            open.config().setAutoRead(reading);
        }
    }

    @Override
    public TunnelEnd openTunnel(TunnelReceiver tunnel) {
        throw new IllegalStateException("HTTP/2 has no Upgrade, and a 101 is refused");
    }

    // The response.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        connection.heard();
        Receiver waiting = receiver;
        if (waiting == null || over) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof Http2HeadersFrame headers) {
            readHeaders(headers, waiting);
        } else if (message instanceof Http2DataFrame data) {
            readData(data, waiting);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void readHeaders(Http2HeadersFrame frame, Receiver waiting) {
        boolean last = frame.isEndStream();
        Fields fields = Http2Fields.read(frame.headers(), MAX_FIELDS, answered);
        int status = answered ? 0 : status(frame.headers());
        boolean isInterim = status >= 100 && status < 200;
        boolean misplaced = answered ? !last : status < 100 || status == 101 || (isInterim && last);
        if (fields == null || misplaced) {
            fail(Break.INVALID);
        } else if (answered) {
            end(waiting, fields);
        } else if (isInterim) {
            interim++;
            if (interim > MAX_INTERIM) {
                fail(Break.INVALID);
            } else {
                waiting.interim(status, fields);
            }
        } else {
            answer(status, fields, last, waiting);
        }
    }

    private static int status(Http2Headers headers) {
        CharSequence text = headers.status();
        if (text == null || text.length() != 3) {
            return -1;
        }
        int status = 0;
        for (int i = 0; i < 3; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            status = status * 10 + digit;
        }
        return status;
    }

    private void answer(int status, Fields fields, boolean last, Receiver waiting) {
        int at = fields.indexOf(KnownField.CONTENT_LENGTH);
        long length = at < 0 ? -1 : fields.number(at);
        if (at >= 0 && (length < 0 || length == Long.MAX_VALUE)) {
            fail(Break.INVALID);
            return;
        }
        answered = true;
        boolean bodiless = toHead || status == 204 || status == 304;
        waiting.answered(status, fields, bodiless || length >= 0, length > 0);
        if (last && receiver == waiting) {
            end(waiting, null);
        }
    }

    private void readData(Http2DataFrame data, Receiver waiting) {
        boolean last = data.isEndStream();
        ByteBuf content = data.content();
        if (!answered) {
            content.release();
            fail(Break.INVALID);
            return;
        }
        if (content.isReadable() && !toHead) {
            waiting.partReceived(content);
        } else {
            content.release();
        }
        if (last && receiver == waiting) {
            end(waiting, null);
        }
    }

    private void end(Receiver waiting, @Nullable Fields trailers) {
        responseEnded = true;
        waiting.responseEnded(trailers);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Receiver waiting = receiver;
        if (waiting != null) {
            waiting.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Receiver waiting = receiver;
        if (waiting != null && context.channel().isWritable()) {
            waiting.writable();
        }
    }

    // The end.

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Http2ResetFrame reset) {
            boolean refused = reset.errorCode() == Http2Error.REFUSED_STREAM.code();
            fail(refused ? Break.REFUSED : Break.RESET);
        } else if (event instanceof Http2GoAwayFrame) {
            // Only streams that the backend has not looked at are told, and they are told before their connection.
            connection.retire();
            fail(Break.REFUSED);
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(Break.CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http2Exception) {
            LOG.debug("a backend broke the protocol", cause);
            fail(Break.INVALID);
            return;
        }
        if (!(cause instanceof IOException)) {
            LOG.error("a stream to a backend failed", cause);
        }
        fail(Break.CLOSED);
    }

    private void fail(Break how) {
        Receiver waiting = receiver;
        leave(false);
        if (waiting != null) {
            waiting.broken(how);
        }
    }

    @Override
    public void leave(boolean inOrder) {
        receiver = null;
        if (over) {
            return;
        }
        over = true;
        release(head);
        release(heldPart);
        head = null;
        heldPart = null;
        Channel open = channel;
        if (open != null && open.isActive() && !(requestEnded && responseEnded)) {
            open.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).addListener(ChannelFutureListener.CLOSE);
        }
        connection.streamEnded(inOrder);
    }

    private static void release(@Nullable ByteBuf held) {
        if (held != null) {
            held.release();
        }
    }
}
