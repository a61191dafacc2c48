package io.sluice.proxy.listener;

import io.sluice.proxy.forward.Downstream;
import io.sluice.proxy.forward.DownstreamPeer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One accepted connection: whether a request runs on it, and until when it may go on without one. Belongs to one event loop. */
final class ClientConnection implements Downstream {
    /** How long a client that was refused may go on sending before it is cut off; closing at once could cost it the response. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final LoopListener loop;
    private final HttpConnection transport;
    private final DownstreamPeer peer;
    /** The latest that has not ended; a pipelined one begins before we hear that the one before it has ended. */
    private @Nullable HttpServerRequest current;

    private boolean lingering;
    private long deadline;

    ClientConnection(LoopListener loop, HttpConnection transport, DownstreamPeer peer, long deadline) {
        this.loop = loop;
        this.transport = transport;
        this.peer = peer;
        this.deadline = deadline;
    }

    void requestBegun(HttpServerRequest request) {
        current = request;
    }

    /** Whether no request runs on it. */
    boolean isIdle() {
        return current == null && !lingering;
    }

    boolean isOverdue(long now) {
        return current == null && now - deadline >= 0;
    }

    void close() {
        transport.close();
    }

    @Override
    public DownstreamPeer peer() {
        return peer;
    }

    @Override
    public boolean isClosing() {
        return loop.isStopping();
    }

    @Override
    public void exchangeEnded(HttpServerRequest request, boolean closes) {
        boolean nextRuns = current != null && current != request;
        if (!nextRuns) {
            current = null;
        }
        if (!closes) {
            deadline = loop.keepAliveDeadline();
        } else if (request.isEnded()) {
            close();
        } else {
            linger(request);
        }
    }

    private void linger(HttpServerRequest request) {
        lingering = true;
        deadline = loop.nanoTime() + LINGER_NANOS;
        request.handler(null);
        request.endHandler(ended -> close());
        request.resume();
    }

    @Override
    public void abort() {
        transport.close();
    }
}
