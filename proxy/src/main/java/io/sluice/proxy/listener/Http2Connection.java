package io.sluice.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One accepted connection, HTTP/2: counts its streams, each of which is an {@link Http2Stream}, and ends with them. Belongs to one event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and that is told
final class Http2Connection extends ChannelInboundHandlerAdapter implements OpenConnection {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

    private final LoopListener loop;
    private final Channel channel;
    private final Set<Http2Stream> streams = Collections.newSetFromMap(new IdentityHashMap<>());
    private int exchanges;
    private boolean announcedEnd;
    private boolean ending;
    private long deadline;

    Http2Connection(LoopListener loop, Channel channel, long deadline) {
        this.loop = loop;
        this.channel = channel;
        this.deadline = deadline;
    }

    void streamOpened(Http2Stream stream) {
        streams.add(stream);
    }

    void streamClosed(Http2Stream stream) {
        streams.remove(stream);
        if (ending && streams.isEmpty()) {
            channel.close();
        }
    }

    void exchangeBegun() {
        exchanges++;
    }

    /** Streams whose exchange is over may linger, because the client does not read; they do not keep the connection open. */
    void exchangeEnded() {
        exchanges--;
        deadline = loop.keepAliveDeadline();
        if (loop.isStopping() && !announcedEnd && !ending) {
            announcedEnd = true;
            // Tells the client to open its next streams elsewhere, and still takes those that are on their way (RFC
            // 9113 §6.8).
            channel.writeAndFlush(
                    new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
        }
    }

    @Override
    public boolean isOverdue(long now) {
        return exchanges == 0 && now - deadline >= 0;
    }

    @Override
    public void refuseSlowBody(long nanos) {
        List.copyOf(streams).forEach(stream -> stream.refuseSlowBody(nanos));
    }

    @Override
    public void endGracefully() {
        if (ending) {
            return;
        }
        ending = true;
        if (streams.isEmpty()) {
            channel.close();
        } else {
            channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        }
    }

    @Override
    public void closeNow() {
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        // What concerns the connection alone: the codec has acted on it.
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        loop.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http2Exception) {
            // The codec says so to the client, and closes.
            LOG.debug("an HTTP/2 connection broke the protocol", cause);
            return;
        }
        if (!(cause instanceof IOException)) {
            LOG.error("an HTTP/2 connection failed", cause);
        }
        channel.close();
    }
}
