package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** A request that the proxy refused before it had a route; for observers. */
record Refusal(HttpServerRequest request, DownstreamPeer peer, Failure failure, long durationNanos)
        implements FinishedExchange {
    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public String requestTarget() {
        return request.uri();
    }

    @Override
    public String host() {
        String host = request.getHeader("Host");
        return host == null ? "" : host;
    }

    @Override
    public String protocol() {
        return request.version() == HttpVersion.HTTP_1_0 ? "HTTP/1.0" : "HTTP/1.1";
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
