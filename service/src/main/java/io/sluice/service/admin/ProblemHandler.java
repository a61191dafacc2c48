package io.sluice.service.admin;

import io.sluice.service.json.InvalidJsonException;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every failed request with a problem document. What nobody foresaw is a bug: 500 without details, logged with its stack. */
public final class ProblemHandler implements Handler<RoutingContext> {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);
    private static final int[] ROUTER_FAILURES = {400, 404, 405, 406, 413, 415, 500};

    private final Router router;

    private ProblemHandler(Router router) {
        this.router = router;
    }

    /** Makes {@code router} answer its own refusals (no such path, no such method) this way too. */
    public static void install(Router router) {
        ProblemHandler handler = new ProblemHandler(router);
        for (int status : ROUTER_FAILURES) {
            router.errorHandler(status, handler);
        }
        router.route().failureHandler(handler);
    }

    @Override
    public void handle(RoutingContext ctx) {
        Problem problem = problem(ctx);
        if (ctx.response().headWritten()) {
            // Too late to say anything: a cut connection at least does not look like a complete answer.
            ctx.response().reset();
            return;
        }
        if (!ctx.request().isEnded()) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, "close");
        }
        if (problem.status() == 405) {
            ctx.response().putHeader(HttpHeaders.ALLOW, allowed(ctx.normalizedPath()));
        }
        ctx.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .end(problem.toJson().toString());
    }

    private static Problem problem(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        if (failure instanceof ProblemException refusal) {
            return refusal.problem();
        }
        if (failure instanceof InvalidJsonException invalid) {
            return Problem.invalidRequest(invalid);
        }
        return byStatus(ctx, failure, ctx.statusCode());
    }

    private static Problem byStatus(RoutingContext ctx, @Nullable Throwable failure, int status) {
        return switch (status) {
            case 400 -> Problem.of("invalid-request", 400, "Bad request").withDetail("the request is malformed");
            case 404 -> Problem.notFound("there is nothing at this path");
            case 405 ->
                Problem.of("method-not-allowed", 405, "Method not allowed")
                        .withDetail("this path does not take " + ctx.request().method());
            case 413 ->
                Problem.of("body-too-large", 413, "Content too large").withDetail("the request body is too large");
            default -> {
                if (status >= 400 && status < 500) {
                    yield Problem.of("refused", status, "Refused");
                }
                LOG.error("{} {} failed", ctx.request().method(), ctx.normalizedPath(), failure);
                yield Problem.of("internal-error", 500, "Internal error")
                        .withDetail("request " + RequestIdHandler.of(ctx));
            }
        };
    }

    /** The methods that some route takes at {@code path}; a 405 has to name them (RFC 9110 §15.5.6). */
    private String allowed(String path) {
        return router.getRoutes().stream()
                .filter(route -> route.getPath() != null && route.methods() != null)
                .filter(route -> path.matches(route.getPath().replaceAll(":[A-Za-z0-9_]+", "[^/]+")))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .sorted()
                .distinct()
                .collect(Collectors.joining(", "));
    }
}
