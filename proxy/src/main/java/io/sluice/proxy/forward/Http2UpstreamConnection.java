package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.sluice.proxy.http1.HeadReader;
import io.sluice.proxy.http1.RequestLine;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.tls.BackendTls;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a backend, HTTP/2; carries as many requests at a time as the backend allows. It is open once the backend's SETTINGS have come:
 * that is when it is certain that HTTP/2 is spoken, and how many streams there may be. Belongs to one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and that is told
final class Http2UpstreamConnection extends ChannelInboundHandlerAdapter {
    /** Told exactly one of both first; perhaps the end later. */
    interface Owner {
        void opened(Http2UpstreamConnection connection);

        void closed(Http2UpstreamConnection connection, Throwable cause);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Http2UpstreamConnection.class);
    private static final int MOST_STREAMS = 100;
    /** Long before stream ids run out. */
    private static final int MOST_STREAMS_EVER = 100_000_000;

    private static final int STREAM_WINDOW = 256 * 1024;
    private static final int CONNECTION_WINDOW = 4 * 1024 * 1024;
    /** What it is before anything is said (RFC 9113 §6.9.2). */
    private static final int INITIAL_WINDOW = 65_535;

    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_HEADER_LIST = 64 * 1024;
    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_FIELD_BYTES = 256 * 1024;
    private static final int MAX_FIELDS = 1000;

    private final Owner owner;
    private final Backend backend;
    private final Channel channel;
    private final @Nullable BackendTls tls;
    private final int timesHeld;
    private final LongSupplier nanoTime;
    private final Http2Liveness liveness;
    private final HeadReader head = new HeadReader(MAX_LINE, MAX_FIELD_BYTES, MAX_FIELDS);

    private int limit = MOST_STREAMS;
    private int streams;
    private int streamsEver;
    private boolean open;
    private boolean retiring;
    private boolean closed;
    private long idleSince;
    private @Nullable Throwable failure;

    /** @param timesHeld the backend's count before it was opened */
    Http2UpstreamConnection(
            Owner owner,
            Backend backend,
            Channel channel,
            @Nullable BackendTls tls,
            int timesHeld,
            UpstreamSettings settings,
            LongSupplier nanoTime) {
        this.owner = owner;
        this.backend = backend;
        this.channel = channel;
        this.tls = tls;
        this.timesHeld = timesHeld;
        this.nanoTime = nanoTime;
        this.idleSince = nanoTime.getAsLong();
        this.liveness = new Http2Liveness(settings, idleSince);
    }

    /** Refuses pushed streams, which were forbidden by our settings. */
    private static final class NothingPushed extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel pushed) {
            pushed.close();
        }
    }

    /** Speaks HTTP/2 from now on; the channel is connected. */
    void start() throws Http2Exception {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(new Http2Settings()
                        .pushEnabled(false)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxHeaderListSize(MAX_HEADER_LIST))
                .gracefulShutdownTimeoutMillis(0)
                .validateHeaders(true)
                .build();
        channel.pipeline().addLast(codec, new Http2MultiplexHandler(new NothingPushed()), this);
        codec.connection()
                .local()
                .flowController()
                .incrementWindowSize(codec.connection().connectionStream(), CONNECTION_WINDOW - INITIAL_WINDOW);
        channel.flush();
    }

    Backend backend() {
        return backend;
    }

    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    long heardAt() {
        return liveness.heardAt();
    }

    boolean isIdleFor(long nanos, long now) {
        return open && streams == 0 && now - idleSince > nanos;
    }

    /** Asks the backend whether it is there when it has been silent for long; false when an answer is overdue. */
    boolean looksAlive(long now) {
        if (liveness.isDue(now)) {
            ask(now);
        }
        return !liveness.isDead(now);
    }

    /** A request is about to go to a backend that was not heard of for longer than this: the answer to the question is expected before its own. */
    void askIfSilentFor(long nanos, long now) {
        if (liveness.isDoubtful(now, nanos)) {
            ask(now);
        }
    }

    private void ask(long now) {
        liveness.asked(now);
        channel.writeAndFlush(new DefaultHttp2PingFrame(now));
    }

    /** Its other end is gone; so are its requests. */
    void giveUp() {
        failure = new IOException("the backend answers no PING");
        LOG.info("{} answers no PING, its connection is closed", backend);
        channel.close();
    }

    /** Whether the backend was held since this was opened, and so perhaps is another process by now. */
    boolean isOutdated() {
        return timesHeld != backend.timesHeld();
    }

    /** Whether another one that is opened so would be the same; settings that changed are another object. */
    boolean isSpokenBy(@Nullable BackendTls other) {
        return tls == other;
    }

    /** A new stream; null when there cannot be one. */
    @Nullable
    Http2UpstreamStream newStream() {
        if (!open || retiring || closed || streams >= limit || !channel.isActive()) {
            return null;
        }
        Http2UpstreamStream stream = new Http2UpstreamStream(this);
        // On this loop it is open at once.
        boolean opened =
                new Http2StreamChannelBootstrap(channel).handler(stream).open().isSuccess();
        if (!opened) {
            retire();
            return null;
        }
        streams++;
        streamsEver++;
        if (streamsEver >= MOST_STREAMS_EVER) {
            retiring = true;
        }
        return stream;
    }

    /** Something came. */
    void heard() {
        liveness.heard(nanoTime.getAsLong());
    }

    void streamEnded(boolean inOrder) {
        streams--;
        idleSince = nanoTime.getAsLong();
        if (!inOrder && idleSince - liveness.heardAt() > SILENCE_NANOS) {
            // Given up, and nothing else came either: perhaps nothing ever will.
            retiring = true;
        }
        closeIfRetired();
    }

    /** Takes no new streams, and closes with the last. */
    void retire() {
        retiring = true;
        closeIfRetired();
    }

    private void closeIfRetired() {
        if (retiring && streams <= 0) {
            channel.close();
        }
    }

    void close() {
        channel.close();
    }

    /** A request head that was written for HTTP/1.1; takes it over. */
    Http2Headers request(ByteBuf written) {
        head.reset();
        HeadReader.Progress progress = head.read(written);
        written.release();
        RequestLine line = progress == HeadReader.Progress.COMPLETE ? RequestLine.of(head) : null;
        if (line == null) {
            throw new IllegalStateException("a request head that was written by this proxy cannot be read");
        }
        Http2Headers headers = new DefaultHttp2Headers(false, head.fields().count() + 5)
                .method(line.method())
                .scheme(tls == null ? "http" : "https")
                .path(line.target());
        Http2Fields.addRequest(headers, head.fields());
        // Trailers are passed on (RFC 9110 §10.1.4), and there are protocols that insist.
        return headers.add("te", "trailers");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2PingFrame ping && ping.ack()) {
            liveness.answered(nanoTime.getAsLong());
            return;
        }
        heard();
        if (message instanceof Http2SettingsFrame settings) {
            Long most = settings.settings().maxConcurrentStreams();
            limit = most == null ? limit : (int) Math.min(MOST_STREAMS, most);
            if (!open && !closed) {
                open = true;
                owner.opened(this);
            }
        } else if (message instanceof Http2GoAwayFrame) {
            retire();
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended(Objects.requireNonNullElseGet(failure, () -> new IOException("closed before HTTP/2 was spoken")));
        context.fireChannelInactive();
    }

    /** It is over, if it was not before. */
    void ended(Throwable cause) {
        if (!closed) {
            closed = true;
            channel.close();
            owner.closed(this, cause);
        }
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failure = cause;
        if (cause instanceof Http2Exception) {
            // The codec says so to the backend, and closes.
            LOG.debug("a backend broke the protocol", cause);
            return;
        }
        if (!UpstreamConnection.isOfTheNetwork(cause)) {
            LOG.error("a connection to a backend failed", cause);
        }
        channel.close();
    }
}
