package io.sluice.proxy.admin;

import io.sluice.proxy.api.ProxyPaths;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.JsonExchange;
import io.sluice.service.problem.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Lets whoever rotates the access log have it opened anew. */
public final class AccessLogAdmin {
    private final Vertx vertx;
    private final @Nullable Reopening log;

    /** What writes the log. */
    public interface Reopening {
        /** Completes, on any thread, when nothing is written any more to the file that was open before. */
        CompletableFuture<Void> reopen();
    }

    /** {@code log} is absent when there is no file. */
    public AccessLogAdmin(Vertx vertx, @Nullable Reopening log) {
        this.vertx = vertx;
        this.log = log;
    }

    /** Adds the endpoint. */
    public void install(AdminServer server) {
        server.router().post(ProxyPaths.ACCESS_LOG_REOPEN).handler(this::reopen);
    }

    private void reopen(RoutingContext ctx) {
        if (log == null) {
            throw Problem.of("no-access-log-file", 409, "There is no file")
                    .withDetail("the access log is off, or goes to the program's own log (setting: access-log.file)")
                    .asException();
        }
        Future.fromCompletionStage(log.reopen(), vertx.getOrCreateContext())
                .onSuccess(done -> JsonExchange.send(ctx, 200, Map.of("status", "reopened")))
                .onFailure(failure -> ctx.fail(Problem.of("cannot-reopen", 503, "The file cannot be opened anew")
                        .withDetail("the old one is written on: " + failure.getMessage())
                        .asException()));
    }
}
