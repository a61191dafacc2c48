package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** One exchange that is over. A view: read it during the call, on the calling event loop. */
public interface FinishedExchange {
    String method();

    /** As received. */
    String requestTarget();

    /** As received, empty when absent. */
    String host();

    String protocol();

    DownstreamPeer peer();

    /** The address of who is taken for the client: the peer's, or another that trusted peers tell of. */
    String client();

    /** The value of the request's first field of that name; empty when there is none. */
    String requestField(String name);

    /** Empty when the request was refused before it got one. */
    String requestId();

    /** Of the trace that it is part of; empty when there is none. */
    default String traceId() {
        return "";
    }

    /** Absent when none matched. */
    @Nullable
    Route route();

    /** What the client got; for {@link Failure#CLIENT_GONE} what it would be called. */
    int status();

    /** Absent when a backend's response was passed on completely. */
    @Nullable
    Failure failure();

    /** What ended it. */
    Termination termination();

    /** Of the body, as received. */
    long requestBytes();

    /** Of the body, before anything made it smaller. */
    long responseBytes();

    long durationNanos();

    int attempts();

    /** The last of them; absent when there was none. */
    @Nullable
    FinishedAttempt lastAttempt();
}
