package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of which it is not known yet what the client speaks. TLS tells at the end of the handshake (ALPN); without it HTTP/2 begins with
 * words that no other request begins with. Then it makes place for the handler of that protocol.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing
final class OpeningConnection extends ChannelInboundHandlerAdapter implements OpenConnection {
    private static final Logger LOG = LoggerFactory.getLogger(OpeningConnection.class);
    private static final ByteBuf PREFACE = Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf());

    private final ClientPipeline pipeline;
    private final LoopListener loop;
    private final Channel channel;
    private final boolean tls;
    private final boolean mayBeHttp2;
    private final long deadline;
    private String client;
    private @Nullable ByteBuf ahead;
    private boolean over;
    private boolean refused;

    /**
     * A connection at its beginning.
     *
     * @param client its address, unless a header says another
     * @param mayBeHttp2 whether the first words have to be looked at; with TLS they need not
     */
    OpeningConnection(
            ClientPipeline pipeline,
            LoopListener loop,
            Channel channel,
            String client,
            boolean tls,
            boolean mayBeHttp2,
            long deadline) {
        this.pipeline = pipeline;
        this.loop = loop;
        this.channel = channel;
        this.client = client;
        this.tls = tls;
        this.mayBeHttp2 = mayBeHttp2;
        this.deadline = deadline;
    }

    @Override
    public boolean isOverdue(long now) {
        return now - deadline >= 0;
    }

    @Override
    public void refuseSlowBody(long nanos) {
        // There is none yet.
    }

    @Override
    public void endGracefully() {
        channel.close();
    }

    @Override
    public void closeNow() {
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ProxyHeaderReader.Client announced) {
            client = announced.address();
            if (!loop.tryAnnounce(this, pipeline.announced(client, tls))) {
                refused = true;
                channel.close();
            }
        } else if (event instanceof SslHandshakeCompletionEvent handshake) {
            handshakeEnded(context, handshake);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    private void handshakeEnded(ChannelHandlerContext context, SslHandshakeCompletionEvent handshake) {
        SslHandler handler = context.pipeline().get(SslHandler.class);
        if (!handshake.isSuccess() || handler == null) {
            LOG.debug("a TLS handshake with {} failed", client, handshake.cause());
            channel.close();
            return;
        }
        boolean http2 = ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol());
        goOn(context, http2, handler);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (over || tls) {
            context.fireChannelRead(message);
            return;
        }
        ByteBuf before = ahead;
        ahead = before == null ? (ByteBuf) message : Unpooled.wrappedBuffer(before, (ByteBuf) message);
        int length = Math.min(ahead.readableBytes(), PREFACE.readableBytes());
        boolean likeHttp2 = mayBeHttp2 && matches(ahead, length);
        if (!likeHttp2 || length == PREFACE.readableBytes()) {
            goOn(context, likeHttp2, null);
        }
    }

    private static boolean matches(ByteBuf begun, int length) {
        for (int i = 0; i < length; i++) {
            if (begun.getByte(begun.readerIndex() + i) != PREFACE.getByte(i)) {
                return false;
            }
        }
        return true;
    }

    private void goOn(ChannelHandlerContext context, boolean http2, @Nullable SslHandler handler) {
        over = true;
        OpenConnection next = http2
                ? pipeline.beginHttp2(channel, client, handler, deadline)
                : pipeline.beginHttp1(channel, client, handler, deadline);
        loop.replace(this, next);
        ByteBuf first = ahead;
        ahead = null;
        if (first != null) {
            context.fireChannelRead(first);
        }
        context.pipeline().remove(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ByteBuf dropped = ahead;
        ahead = null;
        if (dropped != null) {
            dropped.release();
        }
        if (over) {
            context.fireChannelInactive();
        } else {
            loop.closed(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // Strangers that speak something else, or that leave; nothing was asked of us yet.
        LOG.debug("a connection of {} failed before its first request", client, cause);
        channel.close();
    }
}
