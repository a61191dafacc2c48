package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.proxy.forward.Downstream;
import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.Http2Fields;
import io.sluice.proxy.forward.RequestHead;
import io.sluice.proxy.forward.RequestReceiver;
import io.sluice.proxy.forward.TunnelEnd;
import io.sluice.proxy.forward.TunnelReceiver;
import io.sluice.proxy.http1.Fields;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 stream: one request and its response. Head, last part and end of a response leave as few frames as they can: each is held until it
 * is known whether it is the last. What the client sends is passed on even while it is not read, but it may send more only when it is: its window
 * bounds that.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the stream, and that is told
final class Http2ClientStream implements Downstream {
    private static final Logger LOG = LoggerFactory.getLogger(Http2ClientStream.class);

    private final LoopListener loop;
    private final Http2ClientConnection connection;
    private final Http2Stream stream;
    private final DownstreamPeer peer;
    private final ListenerSettings settings;

    private @Nullable Fields requestFields;
    private @Nullable RequestReceiver receiver;
    private boolean running;
    private boolean requestEnded;
    private boolean reading = true;
    /** Of what was received, that which the client may not replace yet. */
    private int held;

    private @Nullable BodyRate bodyRate;

    private boolean headSent;
    private @Nullable Http2ResponseHead heldHead;
    private @Nullable ByteBuf heldPart;
    /** The end of the response, which may have to wait for the client to take what stands before it. */
    private @Nullable ChannelFuture responseEnd;

    private boolean cut;

    /** @param ended whether no body follows */
    Http2ClientStream(
            LoopListener loop,
            Http2ClientConnection connection,
            Http2Stream stream,
            DownstreamPeer peer,
            ListenerSettings settings,
            boolean ended) {
        this.loop = loop;
        this.connection = connection;
        this.stream = stream;
        this.peer = peer;
        this.settings = settings;
        this.requestEnded = ended;
    }

    void refuseSlowBody(long nanos) {
        RequestReceiver now = receiver;
        BodyRate rate = bodyRate;
        boolean waits = !requestEnded && reading;
        if (now != null && rate != null && waits && rate.isTooSlow(nanos, settings.clientLimits())) {
            now.bodyTooSlow();
        }
    }

    // Reading.

    void begin(Http2Headers headers) {
        running = true;
        bodyRate = requestEnded ? null : new BodyRate();
        requestFields = connection.spareFields().take();
        Http2Head.Result result = Http2Head.read(headers, requestEnded, settings, requestFields);
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

    /** Takes the part over. */
    void readPart(ByteBuf part, boolean last) {
        RequestReceiver now = receiver;
        requestEnded |= last;
        if (now == null) {
            part.release();
            return;
        }
        Objects.requireNonNull(bodyRate).received(part.readableBytes());
        if (part.isReadable()) {
            now.bodyReceived(part);
        } else {
            part.release();
        }
        // The exchange may have ended with that part.
        RequestReceiver still = receiver;
        if (last && still != null) {
            still.bodyEnded(null);
        }
    }

    /** So many bytes came; returns how many of them the client may send anew. */
    int taken(int bytes) {
        if (reading) {
            return bytes;
        }
        held += bytes;
        return 0;
    }

    void readTrailers(Http2Headers headers, boolean last) {
        RequestReceiver now = receiver;
        Fields trailers = last ? Http2Head.trailers(headers, settings) : null;
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

    void readComplete() {
        RequestReceiver now = receiver;
        if (now != null) {
            now.readComplete();
        }
    }

    void writable() {
        RequestReceiver now = receiver;
        if (now != null) {
            now.writable();
        }
    }

    @Override
    public void setReading(boolean wanted) {
        reading = wanted;
        int taken = held;
        if (wanted && taken > 0) {
            held = 0;
            connection.consume(stream, taken);
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
        Http2ResponseHead interim = new Http2ResponseHead(status);
        if (fields != null) {
            interim.addUnframed(fields);
        }
        connection.writeHeaders(stream, interim.headers(), false);
        connection.flushSoon();
    }

    @Override
    public void beginResponse(int status) {
        headSent = true;
        heldHead = new Http2ResponseHead(status);
    }

    @Override
    public String date() {
        return loop.forwarder().date();
    }

    @Override
    public void addFields(Fields from, int first, int last) {
        Http2ResponseHead to = heldHead;
        for (int i = first; to != null && i <= last; i++) {
            to.add(from, i);
        }
    }

    @Override
    public void addField(byte[] name, String value) {
        Http2ResponseHead to = heldHead;
        if (to != null) {
            to.add(name, value);
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
        if (cut) {
            // The client does not take that head.
            part.release();
            return;
        }
        heldPart = part;
    }

    private void passHeld() {
        passHead(false);
        ByteBuf part = heldPart;
        if (part != null) {
            heldPart = null;
            connection.writeData(stream, part, false);
        }
    }

    /** Returns null when there is none. */
    private @Nullable ChannelFuture passHead(boolean last) {
        Http2ResponseHead head = heldHead;
        if (head == null) {
            return null;
        }
        heldHead = null;
        return connection.writeHeaders(stream, head.headers(), last);
    }

    @Override
    public void endResponse(@Nullable Fields trailers) {
        if (cut) {
            return;
        }
        Http2Headers tail = Http2Fields.trailers(trailers);
        if (tail == null && heldPart == null && heldHead != null) {
            responseEnd = passHead(true);
            return;
        }
        if (tail == null) {
            passHead(false);
        } else {
            passHeld();
        }
        if (!cut) {
            responseEnd = tail == null ? passLast() : connection.writeHeaders(stream, tail, true);
        }
    }

    private ChannelFuture passLast() {
        ByteBuf last = heldPart;
        heldPart = null;
        return connection.writeData(stream, last == null ? Unpooled.EMPTY_BUFFER : last, true);
    }

    @Override
    public void flush() {
        if (!cut) {
            passHeld();
            connection.flushSoon();
        }
    }

    @Override
    public boolean isWritable() {
        return connection.isWritable(stream);
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
        connection.spareFields().giveBack(requestFields);
        requestFields = null;
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

    void reset(Http2Error error) {
        if (!cut) {
            cut = true;
            dropHeld();
            connection.writeReset(stream, error);
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

    void resetByClient() {
        cut = true;
        dropHeld();
        clientGone();
    }

    /** The stream is closed, be it in order or with its connection. */
    void closed() {
        cut = true;
        dropHeld();
        if (running) {
            // Not at once: it may be the exchange itself that is writing.
            loop.loop().execute(this::clientGone);
        }
    }

    /** A bug. */
    void failed(RuntimeException bug) {
        LOG.error("a stream failed", bug);
        reset(Http2Error.INTERNAL_ERROR);
    }
}
