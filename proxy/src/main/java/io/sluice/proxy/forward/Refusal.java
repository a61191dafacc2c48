package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/**
 * A request that the proxy refused before it had a route; for observers.
 *
 * @param host as received, empty when unknown
 */
record Refusal(
        String method,
        String requestTarget,
        String host,
        String protocol,
        DownstreamPeer peer,
        Failure failure,
        long durationNanos)
        implements FinishedExchange {
    static Refusal of(RequestHead head, DownstreamPeer peer, Failure failure) {
        String host = head.host();
        return new Refusal(
                head.method(), head.requestTarget(), host == null ? "" : host, head.protocol(), peer, failure, 0);
    }

    /** @param startLine what could be read of it */
    static Refusal ofMalformed(String startLine, DownstreamPeer peer, Failure failure) {
        return new Refusal("", startLine, "", "", peer, failure, 0);
    }

    @Override
    public String requestId() {
        return "";
    }

    @Override
    public @Nullable Route route() {
        return null;
    }

    @Override
    public int status() {
        return failure.status();
    }

    @Override
    public long requestBytes() {
        return 0;
    }

    @Override
    public long responseBytes() {
        return Answers.length(failure);
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
