package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** A request that has a route: what it asks for, how long it took and what came of it. */
abstract class RoutedExchange extends Sweepable implements FinishedExchange {
    private final Forwarder loop;
    private final RequestHead head;
    private final Downstream downstream;
    private final Route route;
    private final String requestId;
    private final @Nullable TraceContext trace;
    private final long startedAt;

    private int status;
    private @Nullable Failure failure;
    private boolean clientStalled;
    private long responseBytes;
    private long endedAt;

    RoutedExchange(Forwarder loop, RequestHead head, Downstream downstream, Route route) {
        this.loop = loop;
        this.head = head;
        this.downstream = downstream;
        this.route = route;
        this.requestId = loop.requestId(head, downstream.peer());
        TraceContexts traces = loop.traces();
        this.trace = traces == null ? null : traces.of(head, downstream.peer());
        this.startedAt = loop.nanoTime();
    }

    /** Notes the status that the client gets. */
    final void answeredWith(int code) {
        status = code;
    }

    /** Notes how much of a body the client got. */
    final void answeredBytes(long bytes) {
        responseBytes = bytes;
    }

    /** Notes that the client did not leave by itself, but was given up. */
    final void noteClientStalled() {
        clientStalled = true;
    }

    /** Tells everybody that it is over; once. */
    final void announceEnd(@Nullable Failure kind, boolean closes) {
        failure = kind;
        endedAt = loop.nanoTime();
        loop.observer().exchangeEnded(this);
        downstream.exchangeEnded(closes);
    }

    final Forwarder loop() {
        return loop;
    }

    final RequestHead head() {
        return head;
    }

    final Downstream downstream() {
        return downstream;
    }

    @Override
    public final String method() {
        return head.method();
    }

    @Override
    public final String requestTarget() {
        return head.requestTarget();
    }

    @Override
    public final String host() {
        String host = head.host();
        return host == null ? "" : host;
    }

    @Override
    public final String protocol() {
        return head.protocol();
    }

    @Override
    public final DownstreamPeer peer() {
        return downstream.peer();
    }

    @Override
    public final String client() {
        return loop.requestHeaders().client(head, downstream.peer());
    }

    @Override
    public final String requestField(String name) {
        String value = head.fields().valueOf(name);
        return value == null ? "" : value;
    }

    @Override
    public final Termination termination() {
        boolean cut = failure == Failure.CLIENT_GONE || status == 101;
        if (cut && loop.isCutting()) {
            return Termination.PROXY_STOPPING;
        }
        if (clientStalled) {
            return Termination.CLIENT_TIMEOUT;
        }
        return failure == null && attempts() == 0 ? Termination.ANSWERED : Termination.of(failure);
    }

    @Override
    public final String requestId() {
        return requestId;
    }

    /** Absent when trace contexts are left alone. */
    final @Nullable TraceContext trace() {
        return trace;
    }

    @Override
    public final String traceId() {
        return trace == null ? "" : trace.traceId();
    }

    @Override
    public final Route route() {
        return route;
    }

    @Override
    public final int status() {
        return status;
    }

    @Override
    public final @Nullable Failure failure() {
        return failure;
    }

    @Override
    public final long responseBytes() {
        return responseBytes;
    }

    @Override
    public final long durationNanos() {
        return endedAt - startedAt;
    }
}
