package io.sluice.service.admin;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each call that is meant to change something, whether it was let in or not: who, from where, what, and what became of
 * it. Stands before the token check, so that refused calls are seen as well.
 */
public final class AuditHandler implements Handler<RoutingContext> {
    /** Names the caller; it is believed no further than the log. */
    static final String AUTHOR = "X-Author";

    private static final Logger AUDIT = LoggerFactory.getLogger("audit");
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final String LEFT_OUT = "audit.left-out";
    private static final int LONGEST_WORD = 200;

    @Override
    public void handle(RoutingContext ctx) {
        if (!READING.contains(ctx.request().method())) {
            ctx.addEndHandler(ended -> {
                if (ctx.get(LEFT_OUT) == null) {
                    log(ctx, ended.succeeded());
                }
            });
        }
        ctx.next();
    }

    /** Writes no line for this call: it turned out to change nothing, and comes again and again. */
    public static void leaveOut(RoutingContext ctx) {
        ctx.put(LEFT_OUT, true);
    }

    private static void log(RoutingContext ctx, boolean answered) {
        HttpServerRequest request = ctx.request();
        AUDIT.info(
                "{} {} by {} from {}: {}{} (request {})",
                request.method(),
                word(request.path()),
                word(request.getHeader(AUTHOR)),
                request.remoteAddress() == null ? "-" : request.remoteAddress().hostAddress(),
                ctx.response().getStatusCode(),
                answered ? "" : ", not received",
                RequestIdHandler.of(ctx));
    }

    /** Control characters would let a caller forge lines. */
    private static String word(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return "-";
        }
        String clean = text.replaceAll("[\\p{Cntrl}\\s]+", "_");
        return clean.length() <= LONGEST_WORD ? clean : clean.substring(0, LONGEST_WORD) + "…";
    }
}
