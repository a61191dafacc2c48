package io.sluice.proxy.forward;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
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
    private final HttpServerRequest request;
    private final long expected;
    private final long maxBytes;
    private final ReplayWindow window;

    private @Nullable HttpClientRequest sink;
    private boolean sinkEnded;
    private boolean sinkFull;
    private boolean gathering;
    private boolean ended;
    private boolean discarding;
    private long received;

    /** @param expected the declared length, -1 when unknown */
    RequestBody(Exchange exchange, HttpServerRequest request, long expected, long maxBytes, ReplayWindow window) {
        this.exchange = exchange;
        this.request = request;
        this.expected = expected;
        this.maxBytes = maxBytes;
        this.window = window;
    }

    /** Starts to read; returns whether the body is being gathered, so that {@link Exchange#bodyGathered()} will follow. */
    boolean begin() {
        gathering = expected >= 0 && expected <= GATHER_BYTES && window.tryReserve(expected);
        request.handler(this::onChunk);
        request.endHandler(ended -> onEnd());
        if (!gathering) {
            request.pause();
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
        return sinkEnded;
    }

    /** Sends what is there to a new attempt and goes on with what comes. Only while {@link #isReplayable()}. */
    void attach(HttpClientRequest upstream) {
        sink = upstream;
        sinkFull = false;
        sinkEnded = false;
        List<Buffer> chunks = window.chunks();
        for (int i = 0; i < chunks.size(); i++) {
            send(upstream, chunks.get(i), ended && i == chunks.size() - 1);
        }
        if (ended && !sinkEnded) {
            endSink(upstream);
        } else if (!ended && !sinkFull) {
            request.resume();
        }
    }

    /** Stops sending, because the attempt is over; keeps the rest for another one. */
    void detach() {
        sink = null;
        sinkFull = false;
        if (!ended && !discarding) {
            request.pause();
        }
    }

    /** Reads on to nowhere, so that the client can finish and read its response. */
    void discard() {
        detach();
        discarding = true;
        window.giveUp();
        if (!ended) {
            request.resume();
        }
    }

    void release() {
        window.giveUp();
    }

    private void onChunk(Buffer chunk) {
        if (discarding) {
            return;
        }
        received += chunk.length();
        if (received > maxBytes) {
            exchange.bodyTooLarge();
            return;
        }
        window.add(chunk);
        exchange.bodyProgressed();
        HttpClientRequest upstream = sink;
        if (upstream != null) {
            send(upstream, chunk, received == expected);
        }
    }

    private void send(HttpClientRequest upstream, Buffer chunk, boolean last) {
        if (last) {
            sinkEnded = true;
            upstream.end(chunk);
            exchange.requestSent();
            return;
        }
        upstream.write(chunk);
        if (upstream.writeQueueFull() && !sinkFull) {
            sinkFull = true;
            request.pause();
            upstream.drainHandler(drained -> onDrain(upstream));
        }
    }

    private void onDrain(HttpClientRequest upstream) {
        if (sink == upstream && sinkFull) {
            sinkFull = false;
            exchange.bodyProgressed();
            request.resume();
        }
    }

    private void onEnd() {
        ended = true;
        if (discarding) {
            return;
        }
        if (gathering) {
            gathering = false;
            exchange.bodyGathered();
            return;
        }
        HttpClientRequest upstream = sink;
        if (upstream != null && !sinkEnded) {
            endSink(upstream);
        }
    }

    private void endSink(HttpClientRequest upstream) {
        sinkEnded = true;
        upstream.end();
        exchange.requestSent();
    }
}
