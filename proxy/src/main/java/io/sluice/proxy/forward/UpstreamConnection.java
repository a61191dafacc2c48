package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.http1.BodyReader;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.HeadReader;
import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.http1.StatusLine;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.tls.BackendTls;
import java.io.IOException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a backend, HTTP/1.1; carries one request at a time. Belongs to one event loop.
 *
 * <p>A backend may answer an upload early and close without having read it, by which the connection is reset. A write that meets that reset does not
 * end the connection (see {@link #deaf}): the answer may have been received and not been read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and that is told
final class UpstreamConnection extends ChannelInboundHandlerAdapter
        implements Upstream, BodyReader.Receiver, TunnelEnd {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);
    private static final int MAX_STATUS_LINE = 8 * 1024;
    private static final int MAX_FIELD_BYTES = 64 * 1024;
    private static final int MAX_FIELDS = 500;
    /** A backend that sends more of them than this is not answering. */
    private static final int MAX_INTERIM = 16;
    /** How long a backend may take to read the end of a tunnel. */
    private static final long CLOSE_SECONDS = 10;

    private final UpstreamConnections home;
    private final Backend backend;
    private final Channel channel;
    private final @Nullable BackendTls spokenBy;
    private final @Nullable SslHandler tls;
    private final int timesHeld;
    private final MessageWriter writer;
    private final HeadReader head = new HeadReader(MAX_STATUS_LINE, MAX_FIELD_BYTES, MAX_FIELDS);
    private final ResponseFraming framing = new ResponseFraming();
    private final BodyReader body = new BodyReader(MAX_FIELD_BYTES, MAX_FIELDS);

    private Upstream.@Nullable Receiver receiver;
    private @Nullable TunnelReceiver tunnel;
    private boolean toHead;
    private boolean inBody;
    private int interim;
    private boolean keepsAlive;
    private boolean closed;
    private boolean reset;
    /** Whether TLS was ended in order. */
    private boolean goodbye;

    private boolean tlsFailed;
    /** Whether the backend takes nothing more; what it sent before can still be read. */
    private boolean deaf;

    private boolean inputEnded;
    private long idleSince;

    /** What is being read. */
    private @Nullable ByteBuf unread;

    /**
     * A connection that is open.
     *
     * @param home where it is kept between two attempts
     * @param spokenBy how it speaks TLS; null when it does not
     * @param tls what is between this and the network; null for nothing
     * @param timesHeld the backend's count before it was opened
     */
    UpstreamConnection(
            UpstreamConnections home,
            Backend backend,
            Channel channel,
            @Nullable BackendTls spokenBy,
            @Nullable SslHandler tls,
            int timesHeld) {
        this.home = home;
        this.backend = backend;
        this.channel = channel;
        this.spokenBy = spokenBy;
        this.tls = tls;
        this.timesHeld = timesHeld;
        this.writer = new MessageWriter(channel);
    }

    Backend backend() {
        return backend;
    }

    /** Whether the backend was held since this was opened, and so perhaps is another process by now. */
    boolean isOutdated() {
        return timesHeld != backend.timesHeld();
    }

    /** Whether another one that is opened so would be the same; settings that changed are another object. */
    boolean isSpokenBy(@Nullable BackendTls other) {
        return spokenBy == other;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    /** Whether another request may follow the one that was answered last. */
    boolean keepsAlive() {
        // What follows a response that is complete must not become the next one's beginning.
        ByteBuf more = unread;
        return keepsAlive && !closed && !reset && !deaf && (more == null || !more.isReadable());
    }

    long idleSince() {
        return idleSince;
    }

    void becomeIdle(long now) {
        idleSince = now;
        receiver = null;
        setReading(true);
    }

    @Override
    public void leave(boolean inOrder) {
        if (inOrder) {
            home.giveBack(this);
        } else {
            home.discard(this);
        }
    }

    /** Closes it in whatever state it is; nobody is told. */
    void abandon() {
        receiver = null;
        tunnel = null;
        if (!closed) {
            closed = true;
            writer.release();
            channel.close();
        }
    }

    // The request.

    @Override
    public void begin(Upstream.Receiver newReceiver, boolean headRequest) {
        receiver = newReceiver;
        toHead = headRequest;
        inBody = false;
        interim = 0;
        keepsAlive = false;
        head.reset();
    }

    @Override
    public ByteBuf buffer() {
        return writer.buffer();
    }

    @Override
    public void write(ByteBuf part) {
        if (closed || deaf) {
            part.release();
        } else {
            writer.write(part);
        }
    }

    @Override
    public void writeChunk(ByteBuf part) {
        if (closed || deaf) {
            part.release();
        } else {
            writer.writeChunk(part);
        }
    }

    @Override
    public void endRequest(boolean chunked, @Nullable Fields trailers) {
        if (chunked && !closed && !deaf) {
            writer.writeLastChunk(trailers);
        }
    }

    @Override
    public void flush() {
        if (!closed && !deaf) {
            writer.flush();
        }
    }

    @Override
    public boolean isWritable() {
        return closed || deaf || channel.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        if (channel.isActive()) {
            channel.config().setAutoRead(reading);
        }
    }

    // The response.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        unread = in;
        try {
            while (in.isReadable() && !closed) {
                read(in);
            }
        } finally {
            unread = null;
            in.release();
        }
    }

    private void read(ByteBuf in) {
        TunnelReceiver other = tunnel;
        Upstream.Receiver waiting = receiver;
        if (other != null) {
            other.received(in.readRetainedSlice(in.readableBytes()));
        } else if (waiting == null) {
            // Nobody asked: whatever it is, it must not be taken for the next answer.
            abandon();
        } else if (inBody) {
            if (!body.read(in, this)) {
                fail(Break.INVALID);
            }
        } else {
            readHead(in, waiting);
        }
    }

    private void readHead(ByteBuf in, Upstream.Receiver waiting) {
        HeadReader.Progress progress = head.read(in);
        if (progress == HeadReader.Progress.INCOMPLETE) {
            return;
        }
        int line = progress == HeadReader.Progress.COMPLETE ? StatusLine.of(head) : -1;
        if (line < 0) {
            fail(Break.INVALID);
            return;
        }
        int status = StatusLine.status(line);
        if (status < 200 && status != 101) {
            readInterim(status, waiting);
            return;
        }
        boolean http10 = StatusLine.isHttp10(line);
        Fields fields = head.fields();
        boolean bodiless = toHead || status == 204 || status == 304 || status == 101;
        if (!framing.read(fields, http10, bodiless)) {
            fail(Break.INVALID);
            return;
        }
        keepsAlive = !framing.endsWithConnection()
                && (http10 ? HopByHop.hasOption(fields, "keep-alive") : !HopByHop.hasOption(fields, "close"));
        framing.begin(body);
        inBody = true;
        waiting.answered(status, fields, framing.isFramed(), framing.declaresContent());
        if (body.isEnded() && receiver == waiting) {
            waiting.responseEnded(null);
        }
    }

    private void readInterim(int status, Upstream.Receiver waiting) {
        interim++;
        if (interim > MAX_INTERIM) {
            fail(Break.INVALID);
            return;
        }
        waiting.interim(status, head.fields());
        head.reset();
    }

    @Override
    public void bodyReceived(ByteBuf part) {
        Upstream.Receiver waiting = receiver;
        if (waiting == null) {
            part.release();
        } else {
            waiting.partReceived(part);
        }
    }

    @Override
    public void bodyEnded(@Nullable Fields trailers) {
        Upstream.Receiver waiting = receiver;
        if (waiting != null) {
            waiting.responseEnded(trailers);
        }
    }

    private @Nullable Flow flow() {
        return tunnel == null ? receiver : tunnel;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Flow now = flow();
        if (now != null) {
            now.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Flow now = flow();
        if (now != null && channel.isWritable()) {
            now.writable();
        }
    }

    // The end.

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        TunnelReceiver other = tunnel;
        if (other != null) {
            closed = true;
            tunnel = null;
            writer.release();
            other.closed();
        } else if (!closed && !reset && inBody && body.endsWithConnection() && (tls == null || goodbye)) {
            closed = true;
            writer.release();
            bodyEnded(null);
        } else {
            fail(tlsFailed ? Break.TLS : Break.CLOSED);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A reset, or a write that met one: whoever waits hears of it when the channel is inactive.
        reset = true;
        Throwable real = real(cause);
        if (!(real instanceof IOException)) {
            LOG.error("a connection to a backend failed", cause);
        }
        tlsFailed |= real instanceof SSLException;
        boolean maySayMore = real instanceof IOException && !tlsFailed && ((DuplexChannel) channel).isOutputShutdown();
        if (!maySayMore) {
            channel.close();
        }
    }

    private static Throwable real(Throwable cause) {
        Throwable inner = cause.getCause();
        return cause instanceof DecoderException && inner != null ? inner : cause;
    }

    /** Whether it is nobody's bug here. */
    static boolean isOfTheNetwork(Throwable cause) {
        return real(cause) instanceof IOException;
    }

    private void fail(Break how) {
        Upstream.Receiver waiting = receiver;
        abandon();
        if (waiting != null) {
            waiting.broken(how);
        }
    }

    // Tunnels.

    @Override
    public TunnelEnd openTunnel(TunnelReceiver newTunnel) {
        tunnel = newTunnel;
        receiver = null;
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        return this;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelOutputShutdownEvent.INSTANCE) {
            becomeDeaf();
        } else if (event == SslCloseCompletionEvent.SUCCESS) {
            goodbye = true;
            endInput();
        } else if (event == ChannelInputShutdownEvent.INSTANCE) {
            endInput();
        }
    }

    private void becomeDeaf() {
        deaf = true;
        writer.release();
        Upstream.Receiver waiting = receiver;
        if (waiting != null) {
            // What is left of the request goes nowhere from now on, and nothing else would let it go on.
            waiting.writable();
        }
    }

    private void endInput() {
        TunnelReceiver other = tunnel;
        if (other == null) {
            channel.close();
        } else if (!inputEnded) {
            inputEnded = true;
            other.inputEnded();
        }
    }

    @Override
    public void endOutput() {
        flush();
        // Not before what was written: shutting down drops what is still waiting.
        ChannelFuture written = tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
        written.addListener(done -> ((DuplexChannel) channel).shutdownOutput());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tunnel = null;
            writer.flush();
            ScheduledFuture<?> cut =
                    channel.eventLoop().schedule(() -> channel.close(), CLOSE_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(gone -> cut.cancel(false));
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
