package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/**
 * A request that the proxy refused before it had a route; for observers.
 *
 * @param head absent when it could not be read
 * @param target as received; of a head that could not be read, what is known of its first line
 */
record Refusal(
        @Nullable RequestHead head,
        String target,
        DownstreamPeer peer,
        String client,
        String requestId,
        Failure failure)
        implements FinishedExchange {
    Refusal(RequestHead head, DownstreamPeer peer, String client, String requestId, Failure failure) {
        this(head, head.requestTarget(), peer, client, requestId, failure);
    }

    /** @param startLine what could be read of it */
    static Refusal ofMalformed(String startLine, DownstreamPeer peer, String requestId, Failure failure) {
        return new Refusal(null, startLine, peer, peer.address(), requestId, failure);
    }

    @Override
    public String method() {
        return head == null ? "" : head.method();
    }

    @Override
    public String requestTarget() {
        return target;
    }

    @Override
    public String host() {
        String host = head == null ? null : head.host();
        return host == null ? "" : host;
    }

    @Override
    public String protocol() {
        return head == null ? "" : head.protocol();
    }

    @Override
    public String requestField(String name) {
        String value = head == null ? null : head.fields().valueOf(name);
        return value == null ? "" : value;
    }

    @Override
    public Termination termination() {
        return Termination.of(failure);
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
    public long durationNanos() {
        return 0;
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
