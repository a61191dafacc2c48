package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The proxy's own responses: a problem document (RFC 9457) that tells the kind of failure and nothing about the request or the backends. */
final class Answers {
    private static final String PROBLEM_JSON = "application/problem+json";
    private static final String RETRY_AFTER_SECONDS = "1";
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    private static final Map<Failure, ByteBuf> BODIES = new EnumMap<>(Failure.class);
    private static final ByteBuf HEALTHY = constant("ok\n");
    private static final ByteBuf STOPPING = constant("stopping\n");

    static {
        for (Failure failure : Failure.values()) {
            BODIES.put(
                    failure,
                    constant("{\"type\":\"about:blank\",\"title\":\"" + title(failure.status()) + "\",\"status\":"
                            + failure.status() + "}"));
        }
    }

    private Answers() {}

    private static ByteBuf constant(String text) {
        return Unpooled.unreleasableBuffer(
                Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII).asReadOnly());
    }

    static long length(Failure failure) {
        return body(failure).readableBytes();
    }

    /** Sends the whole response; returns whether the connection closes. */
    static boolean send(Downstream to, Failure failure, String requestId, boolean headRequest, boolean closes) {
        return send(to, failure, requestId, headRequest, closes, null, "");
    }

    /** Sends the whole response with one more field; returns whether the connection closes. */
    static boolean send(
            Downstream to,
            Failure failure,
            String requestId,
            boolean headRequest,
            boolean closes,
            byte @Nullable [] extraName,
            String extraValue) {
        to.beginDatedResponse(failure.status());
        to.addField(HeaderNames.CONTENT_TYPE, PROBLEM_JSON);
        to.addField(HeaderNames.REQUEST_ID, requestId);
        if (failure.status() == 503) {
            to.addField(HeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        if (failure == Failure.METHOD_REFUSED) {
            to.addField(HeaderNames.ALLOW, METHODS);
        }
        if (extraName != null) {
            to.addField(extraName, extraValue);
        }
        return end(to, body(failure), headRequest, closes);
    }

    /** Answers {@code OPTIONS *}. */
    static boolean sendOptions(Downstream to, String requestId, boolean closes) {
        to.beginDatedResponse(204);
        to.addField(HeaderNames.REQUEST_ID, requestId);
        to.addField(HeaderNames.ALLOW, METHODS);
        boolean closing = to.endHead(true, closes);
        to.endResponse(null);
        to.flush();
        return closing;
    }

    /** Answers the proxy's own health check; 503 tells a balancer in front to look elsewhere. */
    static boolean sendHealth(Downstream to, boolean stopping, String requestId, boolean headRequest, boolean closes) {
        to.beginDatedResponse(stopping ? 503 : 200);
        to.addField(HeaderNames.REQUEST_ID, requestId);
        to.addField(HeaderNames.CONTENT_TYPE, "text/plain");
        return end(to, stopping ? STOPPING : HEALTHY, headRequest, closes);
    }

    private static boolean end(Downstream to, ByteBuf body, boolean headRequest, boolean closes) {
        to.addField(HeaderNames.CONTENT_LENGTH, String.valueOf(body.readableBytes()));
        boolean closing = to.endHead(true, closes);
        if (!headRequest) {
            to.sendPart(body.duplicate());
        }
        to.endResponse(null);
        to.flush();
        return closing;
    }

    private static ByteBuf body(Failure failure) {
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
            case 429 -> "Too Many Requests";
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
