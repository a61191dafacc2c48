package io.sluice.proxy.observe;

import io.sluice.proxy.forward.DownstreamTls;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.forward.Termination;
import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an exchange between the event loop, which must not wait, and the thread that makes a line of it. Texts are empty when they are
 * unknown.
 *
 * @param peer who the connection came from; the client, unless a trusted peer speaks for it
 */
record AccessLogEntry(
        long endedAtMillis,
        String requestId,
        String traceId,
        String client,
        String peer,
        String method,
        String host,
        String target,
        String protocol,
        @Nullable DownstreamTls tls,
        String referer,
        String userAgent,
        String route,
        int status,
        @Nullable Failure failure,
        Termination termination,
        long requestBytes,
        long responseBytes,
        long durationNanos,
        int attempts,
        @Nullable Attempt lastAttempt) {

    /** One attempt, linked to the one before. */
    record Attempt(
            String backend,
            String address,
            int status,
            @Nullable Failure failure,
            boolean reused,
            long connectNanos,
            long headNanos,
            long durationNanos,
            @Nullable Attempt previous) {
        static @Nullable Attempt of(@Nullable FinishedAttempt attempt) {
            if (attempt == null) {
                return null;
            }
            return new Attempt(
                    attempt.backend().id(),
                    attempt.backend().address(),
                    attempt.status(),
                    attempt.failure(),
                    attempt.reusedConnection(),
                    attempt.connectNanos(),
                    attempt.headNanos(),
                    attempt.durationNanos(),
                    of(attempt.previous()));
        }
    }

    static AccessLogEntry of(FinishedExchange exchange, long endedAtMillis) {
        Route route = exchange.route();
        return new AccessLogEntry(
                endedAtMillis,
                exchange.requestId(),
                exchange.traceId(),
                exchange.client(),
                exchange.peer().address(),
                exchange.method(),
                exchange.host(),
                exchange.requestTarget(),
                exchange.protocol(),
                exchange.peer().tls(),
                exchange.requestField("referer"),
                exchange.requestField("user-agent"),
                route == null ? "" : route.name(),
                exchange.status(),
                exchange.failure(),
                exchange.termination(),
                exchange.requestBytes(),
                exchange.responseBytes(),
                exchange.durationNanos(),
                exchange.attempts(),
                Attempt.of(exchange.lastAttempt()));
    }
}
