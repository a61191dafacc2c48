package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.forward.Downstream;
import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.Flow;
import io.sluice.proxy.forward.RequestHead;
import io.sluice.proxy.forward.RequestReceiver;
import io.sluice.proxy.forward.TunnelEnd;
import io.sluice.proxy.forward.TunnelReceiver;
import io.sluice.proxy.http1.BodyReader;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.HeadReader;
import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.http1.RequestLine;
import io.sluice.proxy.http1.StatusLines;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection, HTTP/1.x: reads one request at a time and writes its response. What a client sends ahead waits until the response before
 * it is over. Belongs to one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and that is told
final class ClientConnection extends ChannelInboundHandlerAdapter
        implements OpenConnection, Downstream, BodyReader.Receiver, TunnelEnd {
    /** How long a client that was refused may go on sending before it is cut off; closing at once could cost it the response. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How long a client may take to read the end of its last response. */
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** What a client may send ahead before it is not read any more. */
    private static final int MAX_AHEAD = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
    private static final byte[] CHUNKED = MessageWriter.ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = MessageWriter.ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = MessageWriter.ascii("Connection: keep-alive\r\n");

    private final LoopListener loop;
    private final Channel channel;
    private final DownstreamPeer peer;
    private final @Nullable SslHandler tls;
    private final MessageWriter writer;
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
    private boolean http10;
    /** Whether the client said that this request is its last. */
    private boolean last;

    private boolean headSent;
    private boolean chunked;
    private boolean endsWithConnection;
    private boolean lingering;
    private boolean inputEnded;
    private boolean closed;
    private long deadline;

    /** @param tls what is between this and the network; null for nothing */
    ClientConnection(
            LoopListener loop,
            Channel channel,
            DownstreamPeer peer,
            ListenerSettings settings,
            long deadline,
            @Nullable SslHandler tls) {
        this.tls = tls;
        this.loop = loop;
        this.channel = channel;
        this.peer = peer;
        this.deadline = deadline;
        this.writer = new MessageWriter(channel);
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
            while (goesOn && in.isReadable() && !closed && !lingering) {
                goesOn = step(in);
            }
        } finally {
            processing = false;
            if (!goesOn && !closed && !lingering) {
                ahead = in;
            } else {
                in.release();
            }
        }
        if (ahead != null && in.readableBytes() > MAX_AHEAD) {
            setReading(false);
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
        headSent = false;
        bodyRate.restart();
        endsWithConnection = false;
        RequestLine line = progress == HeadReader.Progress.COMPLETE ? RequestLine.of(head) : null;
        if (line == null) {
            http10 = false;
            last = false;
            loop.forwarder().refuseMalformed(head.startLine(), failure(progress), this);
            return;
        }
        http10 = line.http10();
        RequestHead request = new RequestHead(line, head.fields());
        last = request.isLast();
        if (request.isChunked()) {
            body.beginChunked();
        } else {
            body.beginLength(Math.max(0, request.contentLength()));
        }
        RequestReceiver now = loop.forwarder().handle(request, this);
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
            abort();
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
        ByteBuf out = writer.buffer();
        StatusLines.write(out, status);
        MessageWriter.endUnframed(out, fields);
        flush();
    }

    @Override
    public void beginResponse(int status) {
        headSent = true;
        chunked = false;
        StatusLines.write(writer.buffer(), status);
    }

    @Override
    public String date() {
        return loop.forwarder().date();
    }

    @Override
    public void addFields(Fields from, int first, int last) {
        from.writeLines(first, last, writer.buffer());
    }

    @Override
    public void addField(byte[] name, String value) {
        MessageWriter.field(writer.buffer(), name, value);
    }

    @Override
    public boolean endHead(boolean framed, boolean closes) {
        ByteBuf out = writer.buffer();
        endsWithConnection = !framed && http10;
        boolean closing = closes || endsWithConnection;
        if (!framed && !http10) {
            chunked = true;
            out.writeBytes(CHUNKED);
        }
        if (closing) {
            out.writeBytes(CLOSE);
        } else if (http10) {
            out.writeBytes(KEEP_ALIVE);
        }
        MessageWriter.endHead(out);
        return closing;
    }

    @Override
    public void sendPart(ByteBuf part) {
        if (closed) {
            part.release();
        } else if (chunked) {
            writer.writeChunk(part);
        } else {
            writer.write(part);
        }
    }

    @Override
    public boolean trySendFile(FileRegion part) {
        // What stands before this handler, such as TLS, needs the bytes.
        if (closed || chunked || channel.pipeline().first() != this) {
            return false;
        }
        writer.write(part).addListener(sent -> {
            RequestReceiver now = receiver;
            if (sent.isSuccess() && now != null) {
                now.writable();
            }
        });
        return true;
    }

    @Override
    public void endResponse(@Nullable Fields trailers) {
        if (chunked) {
            writer.writeLastChunk(trailers);
        }
    }

    @Override
    public void flush() {
        if (!closed) {
            writer.flush();
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

    // The end of an exchange.

    @Override
    public void exchangeEnded(boolean closes) {
        running = false;
        receiver = null;
        head.reset();
        if (closed) {
            return;
        }
        if (!closes) {
            deadline = loop.keepAliveDeadline();
            setReading(true);
            goOn();
        } else if (last && body.isEnded() && ahead == null) {
            close();
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
        setReading(true);
        flush();
        endOutputAfterWrites().addListener(done -> deadline = loop.nanoTime() + LINGER_NANOS);
    }

    private ChannelFuture endOutputAfterWrites() {
        ChannelFuture written = tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
        return written.addListener(done -> ((DuplexChannel) channel).shutdownOutput());
    }

    private void releaseAhead() {
        ByteBuf dropped = ahead;
        if (dropped != null) {
            ahead = null;
            dropped.release();
        }
    }

    @Override
    public void abort() {
        if (endsWithConnection) {
            // To this client a connection that is closed in order is a response that is complete.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        running = false;
        receiver = null;
        closed = true;
        writer.release();
        // Past TLS, whose proper goodbye would make what was cut look complete.
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close();
        }
    }

    /** Closes it after what was written. */
    @Override
    public void close() {
        if (!closed) {
            writer.flush();
            closed = true;
            tunnel = null;
            deadline = loop.nanoTime() + DRAIN_NANOS;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void closeNow() {
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed = true;
        writer.release();
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

    @Override
    public TunnelEnd openTunnel(TunnelReceiver newTunnel) {
        tunnel = newTunnel;
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        setReading(true);
        // What was sent ahead belongs to the tunnel, which does not know this end yet.
        channel.eventLoop().execute(this::goOn);
        return this;
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

    @Override
    public void write(ByteBuf bytes) {
        if (closed) {
            bytes.release();
        } else {
            writer.write(bytes);
        }
    }

    @Override
    public void endOutput() {
        flush();
        endOutputAfterWrites();
    }
}
