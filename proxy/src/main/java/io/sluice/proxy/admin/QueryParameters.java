package io.sluice.proxy.admin;

import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;

/** Reads query parameters; what is wrong becomes a problem. */
final class QueryParameters {
    private static final int DEFAULT_ENTRIES = 100;
    private static final int MAX_ENTRIES = 1_000;

    private QueryParameters() {}

    static String text(RoutingContext ctx, String name) {
        return Objects.requireNonNullElse(ctx.request().getParam(name), "");
    }

    static String reason(RoutingContext ctx) {
        return text(ctx, "reason");
    }

    static boolean flag(RoutingContext ctx, String name) {
        String value = Objects.requireNonNullElse(ctx.request().getParam(name), "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw invalid("query " + name + ": " + value + " (expected: true or false)");
        }
        return value.equals("true");
    }

    /** How many entries of a journal. */
    static int limit(RoutingContext ctx) {
        String limit = Objects.requireNonNullElse(ctx.request().getParam("limit"), String.valueOf(DEFAULT_ENTRIES));
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > MAX_ENTRIES) {
            throw invalid("query limit: " + limit + " (expected: 1-" + MAX_ENTRIES + ")");
        }
        return Integer.parseInt(limit);
    }

    static RuntimeException invalid(String detail) {
        return Problem.invalidRequest(List.of(new ProblemError("", detail))).asException();
    }
}
