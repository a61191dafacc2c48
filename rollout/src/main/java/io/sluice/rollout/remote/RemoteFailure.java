package io.sluice.rollout.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a call to another program did not give an answer that can be used. */
public final class RemoteFailure extends RuntimeException {
    /** Sorted by what the caller may do next. */
    public enum Kind {
        /** No connection: the request was certainly not seen. Everything may be tried again. */
        UNREACHABLE,
        /** Sent, but no complete answer: it may have taken effect. Ask before acting again. */
        UNKNOWN_OUTCOME,
        /** The other side answered no; {@link #status()} and {@link #problemType()} tell why. */
        REFUSED,
        /** The other side answered yes with a body that cannot be read: it may have taken effect. */
        MALFORMED
    }

    private final Kind kind;
    private final int status;
    private final transient @Nullable JsonNode body;

    private RemoteFailure(Kind kind, String message, int status, @Nullable JsonNode body, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.status = status;
        this.body = body;
    }

    public static RemoteFailure unreachable(String target, Throwable cause) {
        return new RemoteFailure(Kind.UNREACHABLE, target + ": unreachable: " + said(cause), 0, null, cause);
    }

    public static RemoteFailure unknownOutcome(String target, Throwable cause) {
        return new RemoteFailure(
                Kind.UNKNOWN_OUTCOME, target + ": no answer, outcome unknown: " + said(cause), 0, null, cause);
    }

    public static RemoteFailure refused(RemoteAnswer answer) {
        @Nullable JsonNode body = answer.json().orElse(null);
        return new RemoteFailure(
                Kind.REFUSED,
                answer.target() + ": refused with " + answer.status() + explained(body),
                answer.status(),
                body,
                null);
    }

    static RemoteFailure malformed(String target, int status, String found, @Nullable Throwable cause) {
        return new RemoteFailure(
                Kind.MALFORMED, target + ": answered " + status + " with " + found, status, null, cause);
    }

    public Kind kind() {
        return kind;
    }

    /** The HTTP status of a refusal or a malformed answer, else 0. */
    public int status() {
        return status;
    }

    /** The JSON that came with a refusal. */
    public Optional<JsonNode> body() {
        return Optional.ofNullable(body);
    }

    /** The last segment of the problem's {@code type} (RFC 9457), for instance {@code stale-epoch}; empty when the refusal was no problem document. */
    public String problemType() {
        String type = body == null ? "" : body.path("type").asText("");
        return type.substring(type.lastIndexOf('/') + 1);
    }

    private static String said(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }

    private static String explained(@Nullable JsonNode body) {
        if (body == null) {
            return "";
        }
        for (String field : new String[] {"detail", "title", "error", "message"}) {
            String text = body.path(field).asText("");
            if (!text.isEmpty()) {
                return ": " + text;
            }
        }
        return "";
    }
}
