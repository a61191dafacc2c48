package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection.PropertyKey;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.proxy.forward.DownstreamPeer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection, HTTP/2: the codec, which gives the frames of each stream to its {@link Http2ClientStream} and takes theirs, and the end
 * of the connection. What streams write leaves together when the event loop has looked at everything that came, so that responses that are ready
 * at the same time share a TLS record and a system call. Belongs to one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and that is told
final class Http2ClientConnection extends Http2ConnectionHandler implements OpenConnection {
    private static final Logger LOG = LoggerFactory.getLogger(Http2ClientConnection.class);

    /** What a client may send for all of its requests together before it is told to go on, so that a slow backend does not stop the others. */
    private static final int WINDOW = 1024 * 1024;
    /** What it is before anything is said (RFC 9113 §6.9.2). */
    private static final int INITIAL_WINDOW = 65_535;
    /** What may wait for the others of its round; more would only take memory. */
    private static final int MAX_UNFLUSHED = 32 * 1024;

    /** How long streams may still come after the client was told to open no more: more than any round trip takes. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final LoopListener loop;
    private final Channel channel;
    private final DownstreamPeer peer;
    private final ListenerSettings settings;
    private final PropertyKey streamKey = connection().newKey();
    /** Those that were given parts of their bodies in this round. */
    private final List<Http2ClientStream> reading = new ArrayList<>();

    private final SpareFields spareFields = new SpareFields();

    private @Nullable ChannelHandlerContext context;
    private boolean flushing;
    private int unflushed;
    private int exchanges;
    private boolean announcedEnd;
    private boolean ending;
    private long lateUntil;
    private long deadline;

    Http2ClientConnection(
            LoopListener loop,
            Channel channel,
            DownstreamPeer peer,
            ListenerSettings settings,
            long deadline,
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings initial) {
        super(decoder, encoder, initial);
        this.loop = loop;
        this.channel = channel;
        this.peer = peer;
        this.settings = settings;
        this.deadline = deadline;
        decoder.frameListener(new Frames());
        connection().addListener(new StreamEnds());
        encoder.flowController().listener(this::writabilityChanged);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        context = added;
        super.handlerAdded(added);
        decoder().flowController().incrementWindowSize(connection().connectionStream(), WINDOW - INITIAL_WINDOW);
        flush(added);
    }

    // What the client sends.

    private @Nullable Http2ClientStream of(@Nullable Http2Stream stream) {
        return stream == null ? null : stream.getProperty(streamKey);
    }

    /** Gives the streams what came for them; what goes wrong there is no reason to end the connection. */
    private final class Frames extends Http2FrameAdapter {
        @Override
        public void onHeadersRead(
                ChannelHandlerContext from,
                int id,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean last) {
            Http2Stream stream = connection().stream(id);
            Http2ClientStream known = of(stream);
            if (known == null) {
                open(stream, headers, last);
            } else {
                guarded(known, () -> known.readTrailers(headers, last));
            }
        }

        @Override
        public int onDataRead(ChannelHandlerContext from, int id, ByteBuf data, int padding, boolean last) {
            int bytes = data.readableBytes() + padding;
            Http2ClientStream stream = of(connection().stream(id));
            if (stream == null) {
                return bytes;
            }
            reading.add(stream);
            try {
                stream.readPart(data.retain(), last);
            } catch (RuntimeException bug) {
                stream.failed(bug);
            }
            return stream.taken(bytes);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext from, int id, long error) {
            Http2ClientStream stream = of(connection().stream(id));
            if (stream != null) {
                guarded(stream, stream::resetByClient);
            }
        }
    }

    private void open(Http2Stream opened, Http2Headers headers, boolean last) {
        Http2ClientStream stream = new Http2ClientStream(loop, this, opened, peer, settings, last);
        opened.setProperty(streamKey, stream);
        exchanges++;
        try {
            stream.begin(headers);
        } catch (RuntimeException bug) {
            stream.failed(bug);
        }
    }

    private static void guarded(Http2ClientStream stream, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException bug) {
            stream.failed(bug);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) throws Exception {
        for (int i = 0; i < reading.size(); i++) {
            Http2ClientStream stream = reading.get(i);
            guarded(stream, stream::readComplete);
        }
        reading.clear();
        super.channelReadComplete(from);
    }

    private final class StreamEnds extends Http2ConnectionAdapter {
        @Override
        public void onStreamClosed(Http2Stream closed) {
            Http2ClientStream stream = of(closed);
            if (stream != null) {
                stream.closed();
            }
            if (ending && connection().numActiveStreams() == 0) {
                channel.eventLoop().execute(channel::close);
            }
        }
    }

    // What streams send.

    SpareFields spareFields() {
        return spareFields;
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }

    ChannelFuture writeHeaders(Http2Stream stream, Http2Headers headers, boolean last) {
        ChannelHandlerContext to = context();
        return encoder().writeHeaders(to, stream.id(), headers, 0, last, to.newPromise());
    }

    /** Takes the part over. */
    ChannelFuture writeData(Http2Stream stream, ByteBuf part, boolean last) {
        ChannelHandlerContext to = context();
        unflushed += part.readableBytes();
        ChannelFuture written = encoder().writeData(to, stream.id(), part, 0, last, to.newPromise());
        if (unflushed >= MAX_UNFLUSHED) {
            flush(to);
        }
        return written;
    }

    void writeReset(Http2Stream stream, Http2Error error) {
        ChannelHandlerContext to = context();
        encoder().writeRstStream(to, stream.id(), error.code(), to.newPromise());
        flushSoon();
    }

    /** Lets go what was written, together with what others write in this round of the event loop. */
    void flushSoon() {
        if (!flushing) {
            flushing = true;
            channel.eventLoop().execute(() -> {
                flushing = false;
                flush(context());
            });
        }
    }

    @Override
    public void flush(ChannelHandlerContext to) {
        unflushed = 0;
        super.flush(to);
    }

    boolean isWritable(Http2Stream stream) {
        return encoder().flowController().isWritable(stream);
    }

    private void writabilityChanged(Http2Stream changed) {
        Http2ClientStream stream = of(changed);
        if (stream != null && isWritable(changed)) {
            guarded(stream, stream::writable);
        }
    }

    /** So much of what the client sent for this stream has been taken; it may send as much again. */
    void consume(Http2Stream stream, int bytes) {
        try {
            if (decoder().flowController().consumeBytes(stream, bytes)) {
                flushSoon();
            }
        } catch (Http2Exception e) {
            onError(context(), true, e);
        }
    }

    // The end.

    /** Streams whose exchange is over may linger, because the client does not read; they do not keep the connection open. */
    void exchangeEnded() {
        exchanges--;
        deadline = loop.keepAliveDeadline();
        if (loop.isStopping()) {
            announceEnd();
            deadline = loop.nanoTime() + LATE_NANOS;
        }
    }

    /** Tells the client to open its next streams elsewhere, and still takes those that are on their way (RFC 9113 §6.8); then it is told which was the last. */
    @Override
    public void announceEnd() {
        if (announcedEnd || ending || context == null) {
            return;
        }
        announcedEnd = true;
        lateUntil = loop.nanoTime() + LATE_NANOS;
        deadline = Math.min(deadline, lateUntil);
        announceEnd(Integer.MAX_VALUE);
    }

    @Override
    public void endAsAnnounced(long now) {
        if (announcedEnd && now - lateUntil >= 0) {
            endGracefully();
        }
    }

    private void announceLastStream() {
        announceEnd(connection().remote().lastStreamCreated());
    }

    private void announceEnd(int lastStream) {
        ChannelHandlerContext to = context();
        goAway(to, lastStream, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, to.newPromise());
        flush(to);
    }

    @Override
    public boolean isOverdue(long now) {
        return exchanges == 0 && now - deadline >= 0;
    }

    @Override
    public void refuseSlowBody(long nanos) {
        forEachStream(stream -> stream.refuseSlowBody(nanos));
    }

    private void forEachStream(Consumer<Http2ClientStream> action) {
        List<Http2ClientStream> all = new ArrayList<>();
        try {
            connection().forEachActiveStream(each -> {
                Http2ClientStream stream = of(each);
                return stream == null || all.add(stream);
            });
        } catch (Http2Exception e) {
            throw new IllegalStateException("looking at streams cannot fail", e);
        }
        all.forEach(stream -> guarded(stream, () -> action.accept(stream)));
    }

    @Override
    public void endGracefully() {
        if (ending) {
            return;
        }
        if (connection().numActiveStreams() == 0) {
            closeNow();
        } else {
            ending = true;
            announceLastStream();
        }
    }

    @Override
    public void closeNow() {
        if (announcedEnd && !ending) {
            announceLastStream();
        }
        ending = true;
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) throws Exception {
        super.channelInactive(from);
        loop.closed(this);
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext from, boolean outbound, Throwable cause, Http2Exception.StreamException broken) {
        Http2ClientStream stream = of(connection().stream(broken.streamId()));
        LOG.debug("a stream broke the protocol, or cannot be written", cause);
        if (stream == null) {
            super.onStreamError(from, outbound, cause, broken);
        } else {
            stream.reset(broken.error());
        }
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext from, boolean outbound, Throwable cause, @Nullable Http2Exception broken) {
        if (outbound || broken != null || cause instanceof IOException) {
            LOG.debug("an HTTP/2 connection broke the protocol or off", cause);
        } else {
            LOG.error("an HTTP/2 connection failed", cause);
        }
        // Says so to the client, and closes.
        super.onConnectionError(from, outbound, cause, broken);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
            onError(from, false, cause);
            return;
        }
        if (!(cause instanceof IOException)) {
            LOG.error("an HTTP/2 connection failed", cause);
        }
        channel.close();
    }
}
