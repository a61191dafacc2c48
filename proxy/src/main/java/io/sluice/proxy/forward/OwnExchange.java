package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** A request of a route that the proxy answers by itself. Ends exactly once, in {@link #finish}. */
class OwnExchange extends Sweepable implements FinishedExchange {
    private final Forwarder loop;
    private final RequestHead head;
    private final Downstream downstream;
    private final Route route;
    private final String requestId;
    private final long startedAt;

    private boolean over;
    private int status;
    private @Nullable Failure failure;
    private long responseBytes;
    private long endedAt;

    OwnExchange(Forwarder loop, RequestHead head, Downstream downstream, Route route) {
        this.loop = loop;
        this.head = head;
        this.downstream = downstream;
        this.route = route;
        this.requestId = loop.requestId(head, downstream.peer());
        this.startedAt = loop.nanoTime();
    }

    /** Whether the connection has to end with it: a body that nobody reads would be taken for the next request. */
    final boolean closes() {
        return downstream.isClosing() || head.isLast() || head.hasBody();
    }

    /** Answers that it cannot be served. */
    final void refuse(Failure kind, byte @Nullable [] extraName, String extraValue) {
        boolean closing = Answers.send(downstream, kind, requestId, head.isHead(), closes(), extraName, extraValue);
        finish(kind.status(), kind, Answers.length(kind), closing);
    }

    final void finish(int code, @Nullable Failure kind, long bytes, boolean closing) {
        if (over) {
            return;
        }
        over = true;
        status = code;
        failure = kind;
        responseBytes = bytes;
        endedAt = loop.nanoTime();
        loop.observer().exchangeEnded(this);
        downstream.exchangeEnded(closing);
    }

    final boolean isOver() {
        return over;
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
    void onDeadline(long now) {}

    @Override
    public String method() {
        return head.method();
    }

    @Override
    public String requestTarget() {
        return head.requestTarget();
    }

    @Override
    public String host() {
        String host = head.host();
        return host == null ? "" : host;
    }

    @Override
    public String protocol() {
        return head.protocol();
    }

    @Override
    public DownstreamPeer peer() {
        return downstream.peer();
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public Route route() {
        return route;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public @Nullable Failure failure() {
        return failure;
    }

    @Override
    public long requestBytes() {
        return 0;
    }

    @Override
    public long responseBytes() {
        return responseBytes;
    }

    @Override
    public long durationNanos() {
        return endedAt - startedAt;
    }

    @Override
    public int attempts() {
        return 0;
    }

    @Override
    public @Nullable FinishedAttempt lastAttempt() {
        return null;
    }
}
