package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.sluice.proxy.forward.Downstream;
import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.Http2Fields;
import io.sluice.proxy.forward.RequestHead;
import io.sluice.proxy.forward.RequestReceiver;
import io.sluice.proxy.forward.TunnelEnd;
import io.sluice.proxy.forward.TunnelReceiver;
import io.sluice.proxy.http1.Fields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 stream: one request and its response. The codec gives each a channel of its own, whose reading and writability are its flow control.
 * Head, last part and end of a response leave as few frames as they can: each is held until it is known whether it is the last.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the stream, and that is told
final class Http2Stream extends ChannelInboundHandlerAdapter implements Downstream {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Stream.class);
    private static final int USUAL_FIELDS = 16;

    private final LoopListener loop;
    private final Http2Connection connection;
    private final DownstreamPeer peer;
    private final ListenerSettings settings;
    private final Channel channel;
    private final BodyRate bodyRate = new BodyRate();

    private @Nullable RequestReceiver receiver;
    private boolean begun;
    private boolean running;
    private boolean requestEnded;

    private boolean headSent;
    private @Nullable Http2Headers heldHead;
    private @Nullable ByteBuf heldPart;
    /** The end of the response, which may have to wait for the client to take what stands before it. */
    private @Nullable ChannelFuture responseEnd;

    private boolean cut;

    /** Makes one for each stream that the client opens. */
    static final class Opener extends ChannelInitializer<Channel> {
        private final LoopListener loop;
        private final Http2Connection connection;
        private final DownstreamPeer peer;
        private final ListenerSettings settings;

        Opener(LoopListener loop, Http2Connection connection, DownstreamPeer peer, ListenerSettings settings) {
            this.loop = loop;
            this.connection = connection;
            this.peer = peer;
            this.settings = settings;
        }

        @Override
        protected void initChannel(Channel channel) {
            Http2Stream stream = new Http2Stream(this, channel);
            connection.streamOpened(stream);
            channel.pipeline().addLast(stream);
        }
    }

    private Http2Stream(Opener opener, Channel channel) {
        this.loop = opener.loop;
        this.connection = opener.connection;
        this.peer = opener.peer;
        this.settings = opener.settings;
        this.channel = channel;
    }

    void refuseSlowBody(long nanos) {
        RequestReceiver now = receiver;
        boolean waits = !requestEnded && channel.config().isAutoRead();
        if (now != null && waits && bodyRate.isTooSlow(nanos, settings.clientLimits())) {
            now.bodyTooSlow();
        }
    }

    // Reading.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2HeadersFrame head) {
            if (begun) {
                readTrailers(head);
            } else {
                begin(head);
            }
        } else if (message instanceof Http2DataFrame data) {
            readPart(data);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(Http2HeadersFrame frame) {
        begun = true;
        requestEnded = frame.isEndStream();
        running = true;
        bodyRate.restart();
        connection.exchangeBegun();
        Http2Head.Result result = Http2Head.read(frame.headers(), requestEnded, settings);
        RequestHead head = result.head();
        Failure refusal = result.refusal();
        if (head != null) {
            RequestReceiver now = loop.forwarder().handle(head, this);
            if (running) {
                receiver = now;
            }
        } else if (refusal == null || refusal == Failure.BAD_REQUEST) {
            loop.forwarder().reportMalformed(result.startLine(), this);
            reset(Http2Error.PROTOCOL_ERROR);
            exchangeEnded(true);
        } else {
            loop.forwarder().refuseMalformed(result.startLine(), refusal, this);
        }
    }

    private void readPart(Http2DataFrame data) {
        RequestReceiver now = receiver;
        requestEnded |= data.isEndStream();
        if (now == null) {
            data.release();
            return;
        }
        ByteBuf content = data.content();
        bodyRate.received(content.readableBytes());
        if (content.isReadable()) {
            now.bodyReceived(content);
        } else {
            content.release();
        }
        // The exchange may have ended with that part.
        RequestReceiver still = receiver;
        if (data.isEndStream() && still != null) {
            still.bodyEnded(null);
        }
    }

    private void readTrailers(Http2HeadersFrame frame) {
        RequestReceiver now = receiver;
        Fields trailers = frame.isEndStream() ? Http2Head.trailers(frame.headers(), settings) : null;
        if (trailers == null) {
            reset(Http2Error.PROTOCOL_ERROR);
            clientGone();
            return;
        }
        requestEnded = true;
        if (now != null) {
            now.bodyEnded(trailers);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        RequestReceiver now = receiver;
        if (now != null) {
            now.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        RequestReceiver now = receiver;
        if (now != null && channel.isWritable()) {
            now.writable();
        }
    }

    @Override
    public void setReading(boolean reading) {
        if (channel.isActive()) {
            channel.config().setAutoRead(reading);
        }
    }

    // Writing.

    @Override
    public DownstreamPeer peer() {
        return peer;
    }

    @Override
    public boolean isClosing() {
        return loop.isStopping();
    }

    @Override
    public void sendInterim(int status, @Nullable Fields fields) {
        if (cut) {
            return;
        }
        Http2Headers headers = head(status);
        if (fields != null) {
            Http2Fields.addUnframed(headers, fields);
        }
        channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, false));
    }

    private static Http2Headers head(int status) {
        return new DefaultHttp2Headers(false, USUAL_FIELDS)
                .status(HttpResponseStatus.valueOf(status).codeAsText());
    }

    @Override
    public void beginResponse(int status) {
        headSent = true;
        heldHead = head(status);
    }

    @Override
    public void addFields(Fields from, int first, int last) {
        Http2Headers to = heldHead;
        for (int i = first; to != null && i <= last; i++) {
            Http2Fields.add(to, from, i);
        }
    }

    @Override
    public void addField(byte[] name, String value) {
        Http2Headers to = heldHead;
        if (to != null) {
            to.add(new String(name, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT), value);
        }
    }

    /** The frames tell where the response ends, and a stream ends anyway. */
    @Override
    public boolean endHead(boolean framed, boolean closes) {
        return false;
    }

    @Override
    public void sendPart(ByteBuf part) {
        if (cut || !part.isReadable()) {
            part.release();
            return;
        }
        passHeld();
        heldPart = part;
    }

    private void passHeld() {
        passHead(false);
        ByteBuf part = heldPart;
        if (part != null) {
            heldPart = null;
            channel.write(new DefaultHttp2DataFrame(part, false));
        }
    }

    /** Returns null when there is none. */
    private @Nullable ChannelFuture passHead(boolean last) {
        Http2Headers head = heldHead;
        if (head == null) {
            return null;
        }
        heldHead = null;
        return channel.write(new DefaultHttp2HeadersFrame(head, last));
    }

    @Override
    public void endResponse(@Nullable Fields trailers) {
        if (cut) {
            return;
        }
        Http2Headers tail = Http2Fields.trailers(trailers);
        ByteBuf last = heldPart;
        if (tail != null) {
            passHeld();
            responseEnd = channel.write(new DefaultHttp2HeadersFrame(tail, true));
        } else if (last == null && heldHead != null) {
            responseEnd = passHead(true);
        } else {
            passHead(false);
            heldPart = null;
            responseEnd = channel.write(new DefaultHttp2DataFrame(last == null ? Unpooled.EMPTY_BUFFER : last, true));
        }
    }

    @Override
    public void flush() {
        if (!cut) {
            passHeld();
            channel.flush();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public boolean isHeadSent() {
        return headSent;
    }

    @Override
    public TunnelEnd openTunnel(TunnelReceiver tunnel) {
        throw new IllegalStateException("HTTP/2 has no Upgrade, and a request that asks for it is refused");
    }

    // The end.

    @Override
    public void exchangeEnded(boolean closes) {
        if (!running) {
            return;
        }
        running = false;
        receiver = null;
        connection.exchangeEnded();
        if (!cut && !requestEnded) {
            endRequest();
        }
    }

    /** The rest of the request is not wanted (RFC 9113 §8.1); saying so at once would drop what the client has not taken of its response. */
    private void endRequest() {
        ChannelFuture end = responseEnd;
        if (end == null) {
            reset(Http2Error.NO_ERROR);
            return;
        }
        end.addListener(sent -> {
            if (!requestEnded) {
                reset(Http2Error.NO_ERROR);
            }
        });
    }

    @Override
    public void abort() {
        reset(Http2Error.INTERNAL_ERROR);
    }

    private void reset(Http2Error error) {
        if (cut) {
            return;
        }
        cut = true;
        dropHeld();
        if (channel.isActive()) {
            channel.writeAndFlush(new DefaultHttp2ResetFrame(error)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void dropHeld() {
        ByteBuf part = heldPart;
        heldPart = null;
        heldHead = null;
        if (part != null) {
            part.release();
        }
    }

    private void clientGone() {
        RequestReceiver now = receiver;
        receiver = null;
        if (now != null) {
            now.clientGone();
        } else {
            exchangeEnded(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Http2ResetFrame) {
            cut = true;
            dropHeld();
            clientGone();
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        cut = true;
        dropHeld();
        clientGone();
        connection.streamClosed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http2Exception broken) {
            LOG.debug("a stream broke the protocol", cause);
            reset(broken.error());
            return;
        }
        if (!(cause instanceof IOException)) {
            LOG.error("a stream failed", cause);
        }
        channel.close();
    }
}
