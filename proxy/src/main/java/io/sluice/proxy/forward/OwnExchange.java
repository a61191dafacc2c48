package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** A request of a route that the proxy answers by itself. Ends exactly once, in {@link #finish}. */
class OwnExchange extends RoutedExchange {
    private boolean over;

    OwnExchange(Forwarder loop, RequestHead head, Downstream downstream, Route route) {
        super(loop, head, downstream, route);
    }

    /** Whether the connection has to end with it: a body that nobody reads would be taken for the next request. */
    final boolean closes() {
        return downstream().isClosing() || head().isLast() || head().hasBody();
    }

    /** Answers that it cannot be served. */
    final void refuse(Failure kind, byte @Nullable [] extraName, String extraValue) {
        boolean closing =
                Answers.send(downstream(), kind, requestId(), head().isHead(), closes(), extraName, extraValue);
        finish(kind.status(), kind, Answers.length(kind), closing);
    }

    final void finish(int code, @Nullable Failure kind, long bytes, boolean closing) {
        if (!over) {
            over = true;
            answeredWith(code);
            answeredBytes(bytes);
            announceEnd(kind, closing);
        }
    }

    final boolean isOver() {
        return over;
    }

    @Override
    void onDeadline(long now) {}

    @Override
    public final long requestBytes() {
        return 0;
    }

    @Override
    public final int attempts() {
        return 0;
    }

    @Override
    public final @Nullable FinishedAttempt lastAttempt() {
        return null;
    }
}
