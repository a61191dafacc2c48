package io.sluice.proxy.observe;

import io.sluice.proxy.forward.DownstreamTls;
import io.sluice.proxy.forward.Failure;
import org.jspecify.annotations.Nullable;

/** One JSON object a request. What is unknown is left out. */
final class JsonLine {
    private static final byte[] TIME = LogLines.name("{\"time\":\"");
    private static final byte[] REQUEST_ID = LogLines.name(",\"requestId\":\"");
    private static final byte[] TRACE_ID = LogLines.name(",\"traceId\":\"");
    private static final byte[] CLIENT = LogLines.name(",\"client\":\"");
    private static final byte[] PEER = LogLines.name(",\"peer\":\"");
    private static final byte[] METHOD = LogLines.name(",\"method\":\"");
    private static final byte[] HOST = LogLines.name(",\"host\":\"");
    private static final byte[] TARGET = LogLines.name(",\"target\":\"");
    private static final byte[] PROTOCOL = LogLines.name(",\"protocol\":\"");
    private static final byte[] TLS = LogLines.name(",\"tls\":\"");
    private static final byte[] CIPHER = LogLines.name(",\"cipher\":\"");
    private static final byte[] REFERER = LogLines.name(",\"referer\":\"");
    private static final byte[] USER_AGENT = LogLines.name(",\"userAgent\":\"");
    private static final byte[] ROUTE = LogLines.name(",\"route\":\"");
    private static final byte[] STATUS = LogLines.name(",\"status\":");
    private static final byte[] FAILURE = LogLines.name(",\"failure\":\"");
    private static final byte[] TERMINATION = LogLines.name(",\"termination\":\"");
    private static final byte[] REQUEST_BYTES = LogLines.name(",\"requestBytes\":");
    private static final byte[] RESPONSE_BYTES = LogLines.name(",\"responseBytes\":");
    private static final byte[] DURATION = LogLines.name(",\"durationMs\":");
    private static final byte[] RETRIES = LogLines.name(",\"retries\":");
    private static final byte[] ATTEMPTS = LogLines.name(",\"attempts\":[");
    private static final byte[] BACKEND = LogLines.name("{\"backend\":\"");
    private static final byte[] ADDRESS = LogLines.name(",\"address\":\"");
    private static final byte[] REUSED = LogLines.name(",\"reused\":true");
    private static final byte[] FRESH = LogLines.name(",\"reused\":false,\"connectMs\":");
    private static final byte[] HEAD = LogLines.name(",\"headMs\":");
    private static final byte[] END = LogLines.name("]}");

    private JsonLine() {}

    static void write(AccessLogEntry entry, LogLines line) {
        line.raw(TIME);
        line.time(entry.endedAtMillis());
        line.raw('"');
        known(line, REQUEST_ID, entry.requestId());
        known(line, TRACE_ID, entry.traceId());
        text(line, CLIENT, entry.client());
        if (!entry.peer().equals(entry.client())) {
            text(line, PEER, entry.peer());
        }
        request(entry, line);
        number(line, STATUS, entry.status());
        failure(line, entry.failure());
        text(line, TERMINATION, entry.termination().label());
        number(line, REQUEST_BYTES, entry.requestBytes());
        number(line, RESPONSE_BYTES, entry.responseBytes());
        millis(line, DURATION, entry.durationNanos());
        number(line, RETRIES, Math.max(0, entry.attempts() - 1));
        line.raw(ATTEMPTS);
        AccessLogEntry.Attempt last = entry.lastAttempt();
        if (last != null) {
            attempts(line, last);
        }
        line.raw(END);
    }

    private static void request(AccessLogEntry entry, LogLines line) {
        known(line, METHOD, entry.method());
        known(line, HOST, entry.host());
        text(line, TARGET, entry.target());
        known(line, PROTOCOL, entry.protocol());
        DownstreamTls tls = entry.tls();
        if (tls != null) {
            text(line, TLS, tls.version());
            text(line, CIPHER, tls.cipher());
        }
        known(line, REFERER, entry.referer());
        known(line, USER_AGENT, entry.userAgent());
        known(line, ROUTE, entry.route());
    }

    /** Oldest first. */
    private static void attempts(LogLines line, AccessLogEntry.Attempt attempt) {
        AccessLogEntry.Attempt previous = attempt.previous();
        if (previous != null) {
            attempts(line, previous);
            line.raw(',');
        }
        text(line, BACKEND, attempt.backend());
        text(line, ADDRESS, attempt.address());
        number(line, STATUS, attempt.status());
        failure(line, attempt.failure());
        if (attempt.reused()) {
            line.raw(REUSED);
        } else {
            millis(line, FRESH, attempt.connectNanos());
        }
        millis(line, HEAD, attempt.headNanos());
        millis(line, DURATION, attempt.durationNanos());
        line.raw('}');
    }

    private static void failure(LogLines line, @Nullable Failure failure) {
        if (failure != null) {
            text(line, FAILURE, failure.label());
        }
    }

    private static void known(LogLines line, byte[] name, String value) {
        if (!value.isEmpty()) {
            text(line, name, value);
        }
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
