package io.sluice.proxy.forward;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The proxy's own responses: a problem document (RFC 9457) that tells the kind of failure and nothing about the request or the backends. */
final class Answers {
    private static final String RETRY_AFTER_SECONDS = "1";
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    private static final Map<Failure, Buffer> BODIES = new EnumMap<>(Failure.class);

    static {
        for (Failure failure : Failure.values()) {
            BODIES.put(
                    failure,
                    Buffer.buffer("{\"type\":\"about:blank\",\"title\":\"" + title(failure.status()) + "\",\"status\":"
                            + failure.status() + "}"));
        }
    }

    private Answers() {}

    static long length(Failure failure) {
        return body(failure).length();
    }

    /** Writes the whole response. */
    static void write(
            HttpServerResponse response, Failure failure, String requestId, boolean headRequest, boolean closes) {
        response.headers().clear();
        response.setStatusCode(failure.status());
        response.headers().add(HeaderNames.CONTENT_TYPE, HeaderNames.PROBLEM_JSON);
        response.headers().add(HeaderNames.CONTENT_LENGTH, String.valueOf(length(failure)));
        response.headers().add(HeaderNames.REQUEST_ID, requestId);
        if (failure.status() == 503) {
            response.headers().add(HeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        if (failure == Failure.METHOD_REFUSED) {
            response.headers().add(HeaderNames.ALLOW, METHODS);
        }
        if (closes) {
            response.headers().add(HeaderNames.CONNECTION, HeaderNames.CLOSE);
        }
        if (headRequest) {
            response.end();
        } else {
            response.end(body(failure));
        }
    }

    /** Answers {@code OPTIONS *}. */
    static void writeOptions(HttpServerResponse response) {
        response.headers().add(HeaderNames.ALLOW, METHODS);
        response.setStatusCode(204).end();
    }

    /** Answers the proxy's own health check; 503 tells a balancer in front to look elsewhere. */
    static void writeHealth(HttpServerResponse response, boolean stopping) {
        if (stopping) {
            response.headers().add(HeaderNames.CONNECTION, HeaderNames.CLOSE);
        }
        response.headers().add(HeaderNames.CONTENT_TYPE, "text/plain");
        response.setStatusCode(stopping ? 503 : 200).end(stopping ? "stopping\n" : "ok\n");
    }

    private static Buffer body(Failure failure) {
        return Objects.requireNonNull(BODIES.get(failure));
    }

    private static String title(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 417 -> "Expectation Failed";
            case 431 -> "Request Header Fields Too Large";
            case 499 -> "Client Closed Request";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 508 -> "Loop Detected";
            default -> throw new IllegalArgumentException(status + " (expected: a status of Failure)");
        };
    }
}
