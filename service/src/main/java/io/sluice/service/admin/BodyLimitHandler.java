package io.sluice.service.admin;

import io.sluice.service.problem.Problem;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.Locale;

/** Reads the request body, within a size (413), a time (408), and not as a form (415), which would hide it from JSON handlers. */
public final class BodyLimitHandler implements Handler<RoutingContext> {
    private final Vertx vertx;
    private final BodyHandler reader;
    private final Duration timeout;

    public BodyLimitHandler(Vertx vertx, long maxBytes, Duration timeout) {
        this.vertx = vertx;
        this.reader = BodyHandler.create(false).setBodyLimit(maxBytes);
        this.timeout = timeout;
    }

    @Override
    public void handle(RoutingContext ctx) {
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && isForm(type.toLowerCase(Locale.ROOT))) {
            throw Problem.of("unsupported-media-type", 415, "Unsupported media type")
                    .withDetail("Content-Type: a form (expected: application/json)")
                    .asException();
        }
        if (!ctx.request().isEnded()) {
            long timer = vertx.setTimer(
                    timeout.toMillis(),
                    id -> ctx.fail(Problem.of("body-timeout", 408, "Request timeout")
                            .withDetail("the request body did not arrive in time")
                            .asException()));
            ctx.request().end().onComplete(ended -> vertx.cancelTimer(timer));
            ctx.addEndHandler(ended -> vertx.cancelTimer(timer));
        }
        reader.handle(ctx);
    }

    private static boolean isForm(String type) {
        return type.startsWith("application/x-www-form-urlencoded") || type.startsWith("multipart/");
    }
}
