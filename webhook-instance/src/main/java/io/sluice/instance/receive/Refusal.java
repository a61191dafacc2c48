package io.sluice.instance.receive;

import io.sluice.instance.api.InstanceHeaders;
import io.sluice.instance.outbox.OutboxException;
import io.sluice.service.problem.Problem;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Why a request is answered with an error. {@code reason} is for metrics, from a fixed set.
 *
 * @param closes whether the connection cannot be used again, because a body is still under way on it
 */
record Refusal(Problem problem, String reason, Map<String, String> headers, boolean closes) {
    private static final String RETRY_AFTER = "Retry-After";

    static Refusal unknownWebhook() {
        return plain(Problem.notFound("there is no such webhook"), "unknown-webhook");
    }

    /** Tells senders that honour it to stop. */
    static Refusal retired() {
        return plain(Problem.of("retired", 410, "Gone").withDetail("this webhook is no longer in use"), "retired");
    }

    static Refusal methodNotAllowed(Collection<String> allowed) {
        Problem problem =
                Problem.of("method-not-allowed", 405, "Method not allowed").withDetail("this webhook is not called so");
        String allow = allowed.stream().sorted().collect(Collectors.joining(", "));
        return new Refusal(problem, "method", Map.of("Allow", allow), false);
    }

    /** No word on what is wrong with the credentials: that would help to guess them. */
    static Refusal unauthorized() {
        return new Refusal(
                Problem.of("unauthorized", 401, "Unauthorized"),
                "unauthorized",
                Map.of("WWW-Authenticate", "Bearer"),
                false);
    }

    static Refusal tooLarge(long limitBytes) {
        Problem problem = Problem.of("body-too-large", 413, "Content too large")
                .withDetail("the body is longer than " + limitBytes + " bytes");
        return new Refusal(problem, "body-too-large", Map.of(), true);
    }

    static Refusal slowBody() {
        Problem problem =
                Problem.of("body-timeout", 408, "Request timeout").withDetail("the body was not complete in time");
        return new Refusal(problem, "body-timeout", Map.of(), true);
    }

    static Refusal malformed(String mistake) {
        return plain(Problem.of("malformed-body", 400, "The body is not valid").withDetail(mistake), "malformed-body");
    }

    static Refusal encoded() {
        return plain(
                Problem.of("unsupported-encoding", 415, "Unsupported media type")
                        .withDetail("the body is compressed (expected: no Content-Encoding)"),
                "encoding");
    }

    /** 503 with the promise that nothing was stored, so that a proxy may send the request elsewhere. */
    static Refusal notAccepted(String reason, Duration retryAfter) {
        Problem problem = Problem.of("not-accepted", 503, "Not accepted")
                .withDetail("nothing was stored: " + reason)
                .with("reason", reason);
        return new Refusal(
                problem, reason, Map.of(RETRY_AFTER, seconds(retryAfter), InstanceHeaders.NOT_ACCEPTED, reason), false);
    }

    /** What the outbox said. Only when it is certain that nothing was stored does the answer say so. */
    static Refusal notStored(OutboxException failure, long limitBytes, Duration retryAfter) {
        OutboxException.Reason reason = failure.reason();
        if (reason == OutboxException.Reason.TOO_LARGE) {
            return plain(
                    Problem.of("body-too-large", 413, "Content too large")
                            .withDetail("body and headers are longer than an event may be, " + limitBytes + " bytes"),
                    "body-too-large");
        }
        if (reason.nothingStored()) {
            return notAccepted(reason.label(), retryAfter);
        }
        Problem problem = Problem.of("outcome-unknown", 503, "Outcome unknown")
                .withDetail("the event may or may not have been stored");
        return new Refusal(problem, reason.label(), Map.of(RETRY_AFTER, seconds(retryAfter)), false);
    }

    /** A mistake of ours. */
    static Refusal bug() {
        return plain(Problem.of("internal-error", 500, "Internal error"), "bug");
    }

    private static Refusal plain(Problem problem, String reason) {
        return new Refusal(problem, reason, Map.of(), false);
    }

    private static String seconds(Duration duration) {
        return Long.toString(Math.max(1, duration.toSeconds()));
    }

    int status() {
        return problem.status();
    }
}
