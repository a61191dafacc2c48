package io.sluice.service.admin;

import io.sluice.service.log.RequestId;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

/** Gives each request its id: the caller's, if sane, else a new one. It is in the answer and in every log line about the request. */
public final class RequestIdHandler implements Handler<RoutingContext> {
    private static final String KEY = "sluice.requestId";

    @Override
    public void handle(RoutingContext ctx) {
        String id = RequestId.fromHeader(ctx.request().getHeader(RequestId.HEADER));
        ctx.put(KEY, id);
        ctx.response().putHeader(RequestId.HEADER, id);
        RequestId.remember(id);
        ctx.addEndHandler(ended -> RequestId.forget());
        ctx.next();
    }

    /** The id of this request; empty before this handler saw it. */
    static String of(RoutingContext ctx) {
        String id = ctx.get(KEY);
        return id == null ? "" : id;
    }
}
