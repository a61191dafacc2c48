package io.sluice.proxy.admin;

import io.sluice.proxy.api.ProxyHeaders;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.pool.Precondition.Existing;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of a change say (RFC 9110 §13.1).
 *
 * @param ifMatch revisions that the caller has seen; absent when it sent no {@code If-Match}, or {@code *}
 * @param conditional whether it sent {@code If-Match}
 * @param createOnly whether it sent {@code If-None-Match: *}
 */
record ChangeHeaders(
        @Nullable Set<Long> ifMatch,
        boolean conditional,
        boolean createOnly,
        String author,
        @Nullable Long epoch) {
    /** Who acts when the caller does not say: whoever has the token. */
    static final String NO_AUTHOR = "admin";

    private static final Pattern TAGS = Pattern.compile("\\s*(W/)?\"([^\"]*)\"\\s*(,|$)");
    private static final Pattern AUTHOR = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]{0,126}[\\x21-\\x7e])?");
    private static final int MAX_DIGITS = 18;

    /** Reads them; throws a problem that lists all that is wrong. */
    static ChangeHeaders of(HttpServerRequest request) {
        List<ProblemError> errors = new ArrayList<>();
        String ifMatch = request.getHeader(HttpHeaders.IF_MATCH);
        String ifNoneMatch = request.getHeader(HttpHeaders.IF_NONE_MATCH);
        String author = request.getHeader(ProxyHeaders.AUTHOR);
        String epoch = request.getHeader(ProxyHeaders.ROLLOUT_EPOCH);
        if (ifNoneMatch != null && !ifNoneMatch.strip().equals("*")) {
            errors.add(error("If-None-Match", ifNoneMatch, "*"));
        }
        if (author != null && !AUTHOR.matcher(author).matches()) {
            errors.add(error(ProxyHeaders.AUTHOR, author, "1-128 printable ASCII characters"));
        }
        boolean any = ifMatch == null || ifMatch.strip().equals("*");
        ChangeHeaders headers = new ChangeHeaders(
                any ? null : revisions(ifMatch, errors),
                ifMatch != null,
                ifNoneMatch != null,
                author == null ? NO_AUTHOR : author,
                epoch == null ? null : epoch(epoch, errors));
        if (!errors.isEmpty()) {
            throw Problem.invalidRequest(errors).asException();
        }
        return headers;
    }

    /** The condition of a change that names exactly what comes or goes. */
    Precondition optional() {
        return new Precondition(ifMatch, Existing.ANY);
    }

    /** The condition of a PUT. */
    Precondition forPut() {
        if (createOnly) {
            return new Precondition(ifMatch, Existing.NONE);
        }
        return conditional ? optional() : Precondition.OVERWRITES_NOTHING;
    }

    /** The condition of a change that must not be made blindly. */
    Precondition required() {
        if (!conditional) {
            throw preconditionRequired().asException();
        }
        return optional();
    }

    static Problem preconditionRequired() {
        return Problem.of("precondition-required", 428, "A precondition is required")
                .withDetail("send If-Match with the ETag that you have seen, so that nothing unseen is overwritten");
    }

    private static Set<Long> revisions(String ifMatch, List<ProblemError> errors) {
        Set<Long> revisions = new HashSet<>();
        Matcher tags = TAGS.matcher(ifMatch);
        int end = 0;
        while (end < ifMatch.length() && tags.find(end) && tags.start() == end) {
            end = tags.end();
            // If-Match compares strongly: a weak tag, or one that never was ours, matches nothing.
            if (tags.group(1) == null && isNumber(tags.group(2))) {
                revisions.add(Long.parseLong(tags.group(2)));
            }
        }
        if (end == 0 || end < ifMatch.length()) {
            errors.add(error("If-Match", ifMatch, "\"revision\" or *"));
        }
        return revisions;
    }

    private static @Nullable Long epoch(String text, List<ProblemError> errors) {
        if (!isNumber(text)) {
            errors.add(error(ProxyHeaders.ROLLOUT_EPOCH, text, "a whole number"));
            return null;
        }
        return Long.parseLong(text);
    }

    private static boolean isNumber(String text) {
        return text.length() <= MAX_DIGITS && text.matches("[0-9]+");
    }

    private static ProblemError error(String header, String value, String expected) {
        return new ProblemError("", "header " + header + ": " + value + " (expected: " + expected + ")");
    }
}
