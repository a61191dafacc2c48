package io.sluice.proxy.observe;

import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.route.Route;
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
    private static final byte[] TIME = LogLines.name("{\"time\":\"");
    private static final byte[] REQUEST_ID = LogLines.name(",\"requestId\":\"");
    private static final byte[] CLIENT = LogLines.name(",\"client\":\"");
    private static final byte[] METHOD = LogLines.name(",\"method\":\"");
    private static final byte[] HOST = LogLines.name(",\"host\":\"");
    private static final byte[] TARGET = LogLines.name(",\"target\":\"");
    private static final byte[] PROTOCOL = LogLines.name(",\"protocol\":\"");
    private static final byte[] ROUTE = LogLines.name(",\"route\":\"");
    private static final byte[] STATUS = LogLines.name(",\"status\":");
    private static final byte[] FAILURE = LogLines.name(",\"failure\":\"");
    private static final byte[] REQUEST_BYTES = LogLines.name(",\"requestBytes\":");
    private static final byte[] RESPONSE_BYTES = LogLines.name(",\"responseBytes\":");
    private static final byte[] DURATION = LogLines.name(",\"durationMs\":");
    private static final byte[] ATTEMPTS = LogLines.name(",\"attempts\":[");
    private static final byte[] BACKEND = LogLines.name("{\"backend\":\"");
    private static final byte[] ADDRESS = LogLines.name(",\"address\":\"");
    private static final byte[] REUSED = LogLines.name(",\"reused\":true");
    private static final byte[] FRESH = LogLines.name(",\"reused\":false");
    private static final byte[] HEAD = LogLines.name(",\"headMs\":");
    private static final byte[] END = LogLines.name("]}");

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

    void writeTo(LogLines line) {
        line.raw(TIME);
        line.time(endedAtMillis);
        line.raw('"');
        text(line, REQUEST_ID, requestId);
        text(line, CLIENT, client);
        text(line, METHOD, method);
        text(line, HOST, host);
        text(line, TARGET, target);
        text(line, PROTOCOL, protocol);
        text(line, ROUTE, route);
        number(line, STATUS, status);
        if (failure != null) {
            text(line, FAILURE, failure.label());
        }
        number(line, REQUEST_BYTES, requestBytes);
        number(line, RESPONSE_BYTES, responseBytes);
        millis(line, DURATION, durationNanos);
        line.raw(ATTEMPTS);
        if (lastAttempt != null) {
            attempts(line, lastAttempt);
        }
        line.raw(END);
    }

    /** Oldest first. */
    private static void attempts(LogLines line, Attempt attempt) {
        if (attempt.previous() != null) {
            attempts(line, attempt.previous());
            line.raw(',');
        }
        text(line, BACKEND, attempt.backend());
        text(line, ADDRESS, attempt.address());
        number(line, STATUS, attempt.status());
        if (attempt.failure() != null) {
            text(line, FAILURE, attempt.failure().label());
        }
        line.raw(attempt.reused() ? REUSED : FRESH);
        millis(line, HEAD, attempt.headNanos());
        millis(line, DURATION, attempt.durationNanos());
        line.raw('}');
    }

    private static void text(LogLines line, byte[] name, String value) {
        line.raw(name);
        line.text(value);
        line.raw('"');
    }

    private static void number(LogLines line, byte[] name, long value) {
        line.raw(name);
        line.number(value);
    }

    private static void millis(LogLines line, byte[] name, long nanos) {
        line.raw(name);
        line.millis(nanos);
    }
}
