package io.sluice.proxy.forward;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What ended an exchange, in one word for logs. {@code docs/operations.md} explains each; a test compares them. */
public enum Termination {
    /** A backend's response, or a tunnel, was complete. */
    DONE,
    /** The proxy answered as the route says: a redirect, a fixed response, a file. */
    ANSWERED,
    /** The client left. */
    CLIENT_CLOSED,
    /** The client stopped sending its request or reading its response. */
    CLIENT_TIMEOUT,
    /** The request could not be accepted as it was. */
    BAD_REQUEST,
    /** Nothing is there for it: no route, no method, no file. */
    NO_ROUTE,
    /** The request was larger, or came sooner, than a limit allows. */
    LIMIT,
    /** The route runs as many requests as it may, or the listener holds as much as it may. */
    OVERLOADED,
    /** Nobody was eligible, also after the wait that the route allows. */
    NO_BACKEND,
    CONNECT_FAILED,
    CONNECT_TIMEOUT,
    /** No TLS with the backend: its certificate, or ours. */
    TLS_FAILED,
    /** The backend closed the connection and sent no response. */
    BACKEND_CLOSED,
    /** The backend refused the request, or answered with an error, in a way for which another attempt would have been made. */
    BACKEND_REFUSED,
    /** The response ended early. */
    BACKEND_RESET,
    /** What the backend sent is no valid response. */
    INVALID_RESPONSE,
    /** The backend stopped reading the request. */
    SEND_TIMEOUT,
    HEAD_TIMEOUT,
    /** The response stalled. */
    RESPONSE_TIMEOUT,
    /** The route's total time was used up. */
    TOTAL_TIMEOUT,
    /** The proxy stopped and could wait no longer. */
    PROXY_STOPPING,
    /** A bug of the proxy. */
    INTERNAL_ERROR;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** What a failure, or its absence, comes to when nothing else is known. */
    static Termination of(@Nullable Failure failure) {
        if (failure == null) {
            return DONE;
        }
        return switch (failure) {
            case BAD_REQUEST, METHOD_REFUSED, EXPECTATION_UNKNOWN, TRANSFER_CODING_UNKNOWN, LOOP_DETECTED ->
                BAD_REQUEST;
            case NO_ROUTE, NO_FILE, METHOD_NOT_ALLOWED -> NO_ROUTE;
            case BODY_TOO_LARGE, URI_TOO_LONG, HEAD_TOO_LARGE, RATE_LIMITED, TOO_MANY_AT_ONCE -> LIMIT;
            case ROUTE_FULL, OVERLOADED -> OVERLOADED;
            case BODY_TIMEOUT -> CLIENT_TIMEOUT;
            case CLIENT_GONE -> CLIENT_CLOSED;
            case CONNECT_FAILED -> CONNECT_FAILED;
            case CONNECT_TIMEOUT -> CONNECT_TIMEOUT;
            case CONNECTION_LOST_UNSENT, STALE_CONNECTION, CLOSED_WITHOUT_RESPONSE -> BACKEND_CLOSED;
            case TLS_CERTIFICATE_EXPIRED, TLS_UNKNOWN_CA, TLS_NAME_MISMATCH, TLS_FAILED, TLS_REFUSED -> TLS_FAILED;
            case INVALID_RESPONSE -> INVALID_RESPONSE;
            case HEAD_TIMEOUT -> HEAD_TIMEOUT;
            case SEND_TIMEOUT -> SEND_TIMEOUT;
            case STATUS_LISTED, NOT_ACCEPTED, STREAM_REFUSED -> BACKEND_REFUSED;
            case RESPONSE_CUT -> BACKEND_RESET;
            case RESPONSE_TIMEOUT -> RESPONSE_TIMEOUT;
            case INTERNAL_ERROR -> INTERNAL_ERROR;
            case NO_BACKEND -> NO_BACKEND;
            case TOTAL_TIMEOUT -> TOTAL_TIMEOUT;
        };
    }

    /** For logs. */
    public String label() {
        return label;
    }
}
