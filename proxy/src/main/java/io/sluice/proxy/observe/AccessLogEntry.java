package io.sluice.proxy.observe;

import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.route.Route;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is kept of an exchange between the event loop, which must not wait, and the thread that makes a line of it. */
record AccessLogEntry(
        long endedAtMillis,
        String requestId,
        String client,
        String method,
        String host,
        String target,
        String protocol,
        String route,
        int status,
        @Nullable Failure failure,
        long requestBytes,
        long responseBytes,
        long durationNanos,
        @Nullable Attempt lastAttempt) {
    private static final long NANOS_PER_MICRO = 1_000;

    /** One attempt, linked to the one before. */
    record Attempt(
            String backend,
            String address,
            int status,
            @Nullable Failure failure,
            boolean reused,
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
                exchange.peer().address(),
                exchange.method(),
                exchange.host(),
                exchange.requestTarget(),
                exchange.protocol(),
                route == null ? "" : route.name(),
                exchange.status(),
                exchange.failure(),
                exchange.requestBytes(),
                exchange.responseBytes(),
                exchange.durationNanos(),
                Attempt.of(exchange.lastAttempt()));
    }

    void writeTo(StringBuilder line) {
        line.append("{\"time\":\"").append(Instant.ofEpochMilli(endedAtMillis)).append('"');
        text(line, "requestId", requestId);
        text(line, "client", client);
        text(line, "method", method);
        text(line, "host", host);
        text(line, "target", target);
        text(line, "protocol", protocol);
        text(line, "route", route);
        line.append(",\"status\":").append(status);
        if (failure != null) {
            text(line, "failure", failure.label());
        }
        line.append(",\"requestBytes\":").append(requestBytes);
        line.append(",\"responseBytes\":").append(responseBytes);
        millis(line, "durationMs", durationNanos);
        line.append(",\"attempts\":[");
        if (lastAttempt != null) {
            attempts(line, lastAttempt);
        }
        line.append("]}");
    }

    /** Oldest first. */
    private static void attempts(StringBuilder line, Attempt attempt) {
        if (attempt.previous() != null) {
            attempts(line, attempt.previous());
            line.append(',');
        }
        line.append("{\"backend\":\"").append(attempt.backend()).append('"');
        text(line, "address", attempt.address());
        line.append(",\"status\":").append(attempt.status());
        if (attempt.failure() != null) {
            text(line, "failure", attempt.failure().label());
        }
        line.append(",\"reused\":").append(attempt.reused());
        millis(line, "headMs", attempt.headNanos());
        millis(line, "durationMs", attempt.durationNanos());
        line.append('}');
    }

    /** Milliseconds with three digits behind the point; by hand, since a formatter parses its pattern for each of a line's numbers. */
    private static void millis(StringBuilder line, String name, long nanos) {
        long micros = Math.max(0, (nanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO);
        line.append(",\"").append(name).append("\":").append(micros / 1000).append('.');
        long fraction = micros % 1000;
        line.append((char) ('0' + fraction / 100))
                .append((char) ('0' + fraction / 10 % 10))
                .append((char) ('0' + fraction % 10));
    }

    /** Everything that a client chose may be in here: nothing must be able to end the string or the line. */
    private static void text(StringBuilder line, String name, String value) {
        line.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ' || c >= 0x7f) {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }
}
