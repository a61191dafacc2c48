package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.Flow;
import io.sluice.proxy.forward.RequestHead;
import io.sluice.proxy.forward.RequestReceiver;
import io.sluice.proxy.forward.TunnelReceiver;
import io.sluice.proxy.http1.BodyReader;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.HeadReader;
import io.sluice.proxy.http1.RequestLine;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection, HTTP/1.x: reads one request at a time, whose response goes to the {@link ClientOutput}. What a client sends ahead waits until
 * the response before it is over. Belongs to one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and that is told
final class ClientConnection extends ChannelInboundHandlerAdapter implements OpenConnection, BodyReader.Receiver {
    /** How long a client that was refused may go on sending before it is cut off; closing at once could cost it the response. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How long a client may take to read the end of its last response. */
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** What a client may send ahead before it is not read any more. */
    private static final int MAX_AHEAD = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private final LoopListener loop;
    private final Channel channel;
    private final ClientOutput output;
    private final HeadReader head;
    private final BodyReader body;
    private final BodyRate bodyRate = new BodyRate();
    private final ClientLimits limits;

    /** Sent ahead, and read already. */
    private @Nullable ByteBuf ahead;

    private boolean processing;

    /** Whether there is a request whose response is not over. */
    private boolean running;

    private @Nullable RequestReceiver receiver;
    private @Nullable TunnelReceiver tunnel;
    /** Whether the client said that this request is its last. */
    private boolean last;

    private boolean lingering;
    private boolean inputEnded;
    private long deadline;

    /** @param tls what is between this and the network; null for nothing */
    ClientConnection(
            LoopListener loop,
            Channel channel,
            DownstreamPeer peer,
            ListenerSettings settings,
            long deadline,
            @Nullable SslHandler tls) {
        this.loop = loop;
        this.channel = channel;
        this.output = new ClientOutput(loop, this, channel, peer, tls);
        this.deadline = deadline;
        this.head = new HeadReader(settings.maxUriBytes(), settings.maxHeaderBytes(), settings.maxHeaders());
        this.limits = settings.clientLimits();
        this.body = new BodyReader(settings.maxHeaderBytes(), settings.maxHeaders());
    }

    @Override
    public void endGracefully() {
        // While something runs, each response says that it is the last.
        if (!running && !lingering && !head.isInside()) {
            closeNow();
        }
    }

    @Override
    public boolean isOverdue(long now) {
        return !running && now - deadline >= 0;
    }

    @Override
    public void refuseSlowBody(long nanos) {
        RequestReceiver now = receiver;
        boolean waits = !body.isEnded() && channel.config().isAutoRead();
        if (now != null && waits && bodyRate.isTooSlow(nanos, limits)) {
            now.bodyTooSlow();
        }
    }

    // Reading.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = ahead;
        if (before != null) {
            ahead = null;
            in = channel.alloc()
                    .buffer(before.readableBytes() + in.readableBytes())
                    .writeBytes(before)
                    .writeBytes(in);
            before.release();
            ((ByteBuf) message).release();
        }
        process(in);
    }

    private void process(ByteBuf in) {
        processing = true;
        boolean goesOn = true;
        try {
            while (goesOn && in.isReadable() && !output.isClosed() && !lingering) {
                goesOn = step(in);
            }
        } finally {
            processing = false;
            if (!goesOn && !output.isClosed() && !lingering) {
                ahead = in;
            } else {
                in.release();
            }
        }
        if (ahead != null && in.readableBytes() > MAX_AHEAD) {
            output.setReading(false);
        }
    }

    /** Returns whether to go on with what is left. */
    private boolean step(ByteBuf in) {
        TunnelReceiver other = tunnel;
        if (other != null) {
            other.received(in.readRetainedSlice(in.readableBytes()));
            return true;
        }
        if (!body.isEnded()) {
            if (!body.read(in, this)) {
                bodyMalformed();
            }
            return true;
        }
        if (running) {
            return false;
        }
        readHead(in);
        return true;
    }

    private void readHead(ByteBuf in) {
        HeadReader.Progress progress = head.read(in);
        if (progress == HeadReader.Progress.INCOMPLETE) {
            return;
        }
        running = true;
        bodyRate.restart();
        RequestLine line = progress == HeadReader.Progress.COMPLETE ? RequestLine.of(head) : null;
        output.begin(line != null && line.http10());
        if (line == null) {
            last = false;
            loop.forwarder().refuseMalformed(head.startLine(), failure(progress), output);
            return;
        }
        RequestHead request = new RequestHead(line, head.fields());
        last = request.isLast();
        if (request.isChunked()) {
            body.beginChunked();
        } else {
            body.beginLength(Math.max(0, request.contentLength()));
        }
        RequestReceiver now = loop.forwarder().handle(request, output);
        if (running) {
            receiver = now;
        }
    }

    private static Failure failure(HeadReader.Progress progress) {
        return switch (progress) {
            case LINE_TOO_LONG -> Failure.URI_TOO_LONG;
            case FIELDS_TOO_LARGE -> Failure.HEAD_TOO_LARGE;
            case MALFORMED, COMPLETE, INCOMPLETE -> Failure.BAD_REQUEST;
        };
    }

    @Override
    public void bodyReceived(ByteBuf part) {
        RequestReceiver now = receiver;
        bodyRate.received(part.readableBytes());
        if (now == null) {
            part.release();
        } else {
            now.bodyReceived(part);
        }
    }

    @Override
    public void bodyEnded(@Nullable Fields trailers) {
        RequestReceiver now = receiver;
        if (now != null) {
            now.bodyEnded(trailers);
        }
    }

    private void bodyMalformed() {
        RequestReceiver now = receiver;
        if (now == null) {
            output.abort();
        } else {
            now.bodyMalformed();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        readComplete();
    }

    private void readComplete() {
        Flow now = flow();
        if (now != null) {
            now.readComplete();
        }
    }

    private @Nullable Flow flow() {
        return tunnel == null ? receiver : tunnel;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Flow now = flow();
        if (now != null && channel.isWritable()) {
            now.writable();
        }
    }

    /** What was given to the kernel to send is gone. */
    void fileSent() {
        RequestReceiver now = receiver;
        if (now != null) {
            now.writable();
        }
    }

    // The end of an exchange.

    void exchangeEnded(boolean closes) {
        forgetExchange();
        head.reset();
        if (output.isClosed()) {
            return;
        }
        if (!closes) {
            deadline = loop.keepAliveDeadline();
            output.setReading(true);
            goOn();
        } else if (last && body.isEnded() && ahead == null) {
            output.close();
        } else {
            // It may be sending still, and closing now would reset the connection, perhaps before it has read its
            // response.
            linger();
        }
    }

    private void goOn() {
        ByteBuf waiting = ahead;
        if (waiting != null && !processing) {
            ahead = null;
            process(waiting);
            readComplete();
        }
    }

    private void linger() {
        lingering = true;
        deadline = loop.nanoTime() + DRAIN_NANOS;
        releaseAhead();
        output.setReading(true);
        output.flush();
        output.endOutputAfterWrites().addListener(done -> deadline = loop.nanoTime() + LINGER_NANOS);
    }

    private void releaseAhead() {
        ByteBuf dropped = ahead;
        if (dropped != null) {
            ahead = null;
            dropped.release();
        }
    }

    void forgetExchange() {
        running = false;
        receiver = null;
    }

    /** It is closed once what was written is sent. */
    void closing() {
        tunnel = null;
        deadline = loop.nanoTime() + DRAIN_NANOS;
    }

    @Override
    public void closeNow() {
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        output.gone();
        releaseAhead();
        loop.closed(this);
        TunnelReceiver other = tunnel;
        RequestReceiver now = receiver;
        tunnel = null;
        receiver = null;
        if (other != null) {
            other.closed();
        } else if (now != null) {
            now.clientGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A reset, or a write that met one: whoever waits hears of it when the channel is inactive.
        if (!(cause instanceof IOException)) {
            LOG.error("a client connection failed", cause);
        }
        channel.close();
    }

    // Tunnels.

    void beginTunnel(TunnelReceiver newTunnel) {
        tunnel = newTunnel;
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        output.setReading(true);
        // What was sent ahead belongs to the tunnel, which does not know this end yet.
        channel.eventLoop().execute(this::goOn);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        TunnelReceiver other = tunnel;
        boolean ends = event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent;
        if (ends && other != null && !inputEnded) {
            inputEnded = true;
            other.inputEnded();
        }
    }
}
