package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request body on its way from the client to whichever backend the present attempt uses.
 *
 * <p>A short body of known length is gathered first and then sent in one write with its head: that costs one system call, and a slow client does
 * not occupy a backend. Any other is streamed: read only as fast as the backend takes it, and not at all between two attempts. What was read is
 * kept in a {@link ReplayWindow} for as long as another attempt may need it.
 */
final class RequestBody {
    /** More than nearly every webhook, and no burden to hold. */
    private static final int GATHER_BYTES = 64 * 1024;

    private final Exchange exchange;
    private final Downstream downstream;
    /** The declared length; -1 for chunks. */
    private final long expected;

    private final long maxBytes;
    private final ReplayWindow window;

    private @Nullable Upstream sink;
    private boolean sinkFull;
    private boolean sent;
    private boolean gathering;
    private boolean ended;
    private boolean discarding;
    private @Nullable Fields trailers;
    private long received;

    /** @param expected the declared length, -1 when unknown */
    RequestBody(Exchange exchange, Downstream downstream, long expected, long maxBytes, ReplayWindow window) {
        this.exchange = exchange;
        this.downstream = downstream;
        this.expected = expected;
        this.maxBytes = maxBytes;
        this.window = window;
    }

    /** Starts to read; returns whether the body is being gathered, so that {@link Exchange#bodyGathered()} will follow. */
    boolean begin() {
        gathering = expected >= 0 && expected <= GATHER_BYTES && window.tryReserve(expected);
        if (!gathering) {
            downstream.setReading(false);
        }
        return gathering;
    }

    long received() {
        return received;
    }

    /** Whether all of it was received. */
    boolean isEnded() {
        return ended;
    }

    boolean isReplayable() {
        return window.isComplete();
    }

    /** Whether the backend is what it waits for. */
    boolean isBlockedByBackend() {
        return sinkFull;
    }

    /** Whether the present attempt has got all of it. */
    boolean isSent() {
        return sent;
    }

    /** Sends what is there to a new attempt and goes on with what comes. Only while {@link #isReplayable()}. */
    void attach(Upstream upstream) {
        sink = upstream;
        sinkFull = false;
        sent = false;
        List<ByteBuf> parts = window.parts();
        for (int i = 0; i < parts.size(); i++) {
            write(upstream, parts.get(i).retainedDuplicate());
        }
        window.sent();
        if (ended) {
            end(upstream);
        } else {
            upstream.flush();
            follow(upstream);
        }
    }

    /** Stops sending, because the attempt is over; keeps the rest for another one. */
    void detach() {
        sink = null;
        sinkFull = false;
        if (!ended && !discarding) {
            downstream.setReading(false);
        }
    }

    /** Reads on to nowhere, so that the client can finish and read its response. */
    void discard() {
        detach();
        discarding = true;
        window.giveUp();
        trailers = null;
        if (!ended) {
            downstream.setReading(true);
        }
    }

    /** Takes the part over. */
    void onPart(ByteBuf part) {
        int bytes = part.readableBytes();
        if (discarding) {
            part.release();
            return;
        }
        received += bytes;
        if (received > maxBytes) {
            part.release();
            exchange.bodyTooLarge();
            return;
        }
        exchange.bodyProgressed();
        Upstream upstream = sink;
        if (upstream == null) {
            window.hold(part);
            return;
        }
        if (window.isComplete()) {
            window.add(part.retainedDuplicate());
        }
        write(upstream, part);
        follow(upstream);
    }

    private void write(Upstream upstream, ByteBuf part) {
        if (expected < 0) {
            upstream.writeChunk(part);
        } else {
            upstream.write(part);
        }
    }

    /** Reads on, if the backend has taken enough. */
    private void follow(Upstream upstream) {
        boolean full = !upstream.isWritable();
        if (full != sinkFull || !full) {
            sinkFull = full;
            downstream.setReading(!full);
        }
    }

    /** The backend takes more again. */
    void sinkWritable() {
        if (sinkFull && sink != null) {
            sinkFull = false;
            exchange.bodyProgressed();
            downstream.setReading(true);
        }
    }

    /** Everything that could be read was given. */
    void flush() {
        Upstream upstream = sink;
        if (upstream != null && !sent) {
            upstream.flush();
        }
    }

    void onEnd(@Nullable Fields received) {
        ended = true;
        if (discarding) {
            return;
        }
        trailers = received == null ? null : received.copy();
        if (gathering) {
            gathering = false;
            exchange.bodyGathered();
            return;
        }
        Upstream upstream = sink;
        if (upstream != null && !sent) {
            end(upstream);
        }
    }

    private void end(Upstream upstream) {
        sent = true;
        sinkFull = false;
        upstream.endRequest(expected < 0, trailers);
        upstream.flush();
        exchange.requestSent();
    }
}
