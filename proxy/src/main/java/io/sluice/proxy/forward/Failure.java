package io.sluice.proxy.forward;

import java.util.Locale;

/**
 * Everything that can keep a request from being answered by a backend as the backend wished. {@code docs/status-codes.md} lists the same rows.
 */
public enum Failure {
    /** Ambiguous or invalid framing, Host, target or method. */
    BAD_REQUEST(Source.DOWNSTREAM, 400, Retryable.NEVER, false),
    /** No route matches. */
    NO_ROUTE(Source.DOWNSTREAM, 404, Retryable.NEVER, false),
    /** There is no such file. */
    NO_FILE(Source.DOWNSTREAM, 404, Retryable.NEVER, false),
    /** TRACE or CONNECT. */
    METHOD_REFUSED(Source.DOWNSTREAM, 405, Retryable.NEVER, false),
    /** The path has routes, but none for this method. */
    METHOD_NOT_ALLOWED(Source.DOWNSTREAM, 405, Retryable.NEVER, false),
    /** The client paused too long while it sent its body. */
    BODY_TIMEOUT(Source.DOWNSTREAM, 408, Retryable.NEVER, false),
    /** The body is larger than the route's limit. */
    BODY_TOO_LARGE(Source.DOWNSTREAM, 413, Retryable.NEVER, false),
    /** The request line is longer than the listener's limit. */
    URI_TOO_LONG(Source.DOWNSTREAM, 414, Retryable.NEVER, false),
    /** {@code Expect} asks for something else than {@code 100-continue}. */
    EXPECTATION_UNKNOWN(Source.DOWNSTREAM, 417, Retryable.NEVER, false),
    /** The client made more requests than a rate limit allows. */
    RATE_LIMITED(Source.DOWNSTREAM, 429, Retryable.NEVER, false),
    /** As many requests of the client run as the route allows it. */
    TOO_MANY_AT_ONCE(Source.DOWNSTREAM, 429, Retryable.NEVER, false),
    /** The header fields are larger than the listener's limit. */
    HEAD_TOO_LARGE(Source.DOWNSTREAM, 431, Retryable.NEVER, false),
    /** The client left before its response was complete; the status is for logs only. */
    CLIENT_GONE(Source.DOWNSTREAM, 499, Retryable.NEVER, false),
    /** A transfer coding other than chunked. */
    TRANSFER_CODING_UNKNOWN(Source.DOWNSTREAM, 501, Retryable.NEVER, false),
    /** The request came through this proxy too often (RFC 9110 §7.6.3). */
    LOOP_DETECTED(Source.DOWNSTREAM, 508, Retryable.NEVER, false),

    /** No connection to the backend: refused, unreachable, name unknown. */
    CONNECT_FAILED(Source.UPSTREAM, 502, Retryable.IF_NOT_SENT, true),
    /** No connection to the backend in time. */
    CONNECT_TIMEOUT(Source.UPSTREAM, 504, Retryable.IF_NOT_SENT, true),
    /** The backend's certificate has expired, or is not valid yet. */
    TLS_CERTIFICATE_EXPIRED(Source.UPSTREAM, 502, Retryable.IF_NOT_SENT, true),
    /** The backend's certificate is signed by nobody who is trusted. */
    TLS_UNKNOWN_CA(Source.UPSTREAM, 502, Retryable.IF_NOT_SENT, true),
    /** The backend's certificate is for another name. */
    TLS_NAME_MISMATCH(Source.UPSTREAM, 502, Retryable.IF_NOT_SENT, true),
    /** The TLS handshake with the backend failed for another reason. */
    TLS_FAILED(Source.UPSTREAM, 502, Retryable.IF_NOT_SENT, true),
    /** The backend ended TLS with an alert after the handshake and before a response, as it does when it wants another client certificate. */
    TLS_REFUSED(Source.UPSTREAM, 502, Retryable.IF_REPEATABLE, true),
    /** A kept connection was found dead, or a new one led to a process that nobody vouches for, before a byte was handed to it. */
    CONNECTION_LOST_UNSENT(Source.UPSTREAM, 502, Retryable.IF_NOT_SENT, false),
    /** A reused connection was closed and no response came: most likely it had been closed before the request reached the backend. */
    STALE_CONNECTION(Source.UPSTREAM, 502, Retryable.IF_REPEATABLE, false),
    /** A fresh connection was closed and no response came. */
    CLOSED_WITHOUT_RESPONSE(Source.UPSTREAM, 502, Retryable.IF_REPEATABLE, true),
    /** The backend said that it has not looked at the request: a stream above its limit, or after it began to leave. */
    STREAM_REFUSED(Source.UPSTREAM, 503, Retryable.IF_NOT_SENT, false),
    /** What came is no valid response. */
    INVALID_RESPONSE(Source.UPSTREAM, 502, Retryable.NEVER, true),
    /** The response head did not come in time. */
    HEAD_TIMEOUT(Source.UPSTREAM, 504, Retryable.ONCE_IF_REPEATABLE, true),
    /** The backend stopped reading the request. */
    SEND_TIMEOUT(Source.UPSTREAM, 504, Retryable.NEVER, true),
    /** The backend answered with a status that the route retries; passed on when it is not retried. */
    STATUS_LISTED(Source.UPSTREAM, 503, Retryable.IF_REPEATABLE, true),
    /** The backend vouches that it stored nothing; passed on when it is not retried. */
    NOT_ACCEPTED(Source.UPSTREAM, 503, Retryable.IF_NOT_SENT, false),
    /** The response ended early, after its head was passed on; the client's connection is closed, the status is for logs only. */
    RESPONSE_CUT(Source.UPSTREAM, 502, Retryable.NEVER, true),
    /** The response stalled after its head was passed on; the client's connection is closed, the status is for logs only. */
    RESPONSE_TIMEOUT(Source.UPSTREAM, 504, Retryable.NEVER, true),

    /** A bug in this proxy. */
    INTERNAL_ERROR(Source.INTERNAL, 500, Retryable.NEVER, false),
    /** As many requests of the route run as it allows. */
    ROUTE_FULL(Source.INTERNAL, 503, Retryable.NEVER, false),
    /** The listener holds as much in buffers as it may. */
    OVERLOADED(Source.INTERNAL, 503, Retryable.NEVER, false),
    /** No backend is eligible. */
    NO_BACKEND(Source.INTERNAL, 503, Retryable.NEVER, false),
    /** The route's total time is used up. */
    TOTAL_TIMEOUT(Source.INTERNAL, 504, Retryable.NEVER, true);

    /** Who caused it. */
    public enum Source {
        DOWNSTREAM,
        UPSTREAM,
        INTERNAL
    }

    /** When another attempt may follow. A request is repeatable when its method is idempotent or it carries a trusted delivery id. */
    public enum Retryable {
        NEVER,
        /** Whatever the method: the backend cannot have acted upon it. Costs no retry budget. */
        IF_NOT_SENT,
        IF_REPEATABLE,
        ONCE_IF_REPEATABLE
    }

    private final Source source;
    private final int status;
    private final Retryable retryable;
    private final boolean countsAgainstBackend;
    private final String label;

    Failure(Source source, int status, Retryable retryable, boolean countsAgainstBackend) {
        this.source = source;
        this.status = status;
        this.retryable = retryable;
        this.countsAgainstBackend = countsAgainstBackend;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    public Source source() {
        return source;
    }

    /** What the client gets when no attempt follows, or what is logged when it can get nothing any more. */
    public int status() {
        return status;
    }

    public Retryable retryable() {
        return retryable;
    }

    /** Whether passive health counts it. */
    public boolean countsAgainstBackend() {
        return countsAgainstBackend;
    }

    /** For metrics and logs. */
    public String label() {
        return label;
    }
}
