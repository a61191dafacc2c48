package io.sluice.proxy.admin;

import io.sluice.proxy.api.ProxyPaths;
import io.sluice.proxy.api.ReloadResult;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.Prefer;
import io.sluice.proxy.pool.Refusal;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.JsonExchange;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.sluice.service.settings.InvalidSettingsException;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** Has the settings file read again. */
public final class ReloadAdmin {
    private final Reloader reloader;

    /** Who reads it. */
    public interface Reloader {
        /**
         * Merges what the file says by now. Fails with {@link InvalidSettingsException} when the file is wrong, with {@link
         * ChangeRefusedException} when it contradicts what the API changed; then nothing has changed.
         */
        Future<ReloadResult> reload(ReloadRequest request);
    }

    public ReloadAdmin(Reloader reloader) {
        this.reloader = reloader;
    }

    /** Adds the endpoint. */
    public void install(AdminServer server) {
        server.router().post(ProxyPaths.RELOAD).handler(this::reload);
    }

    private void reload(RoutingContext ctx) {
        ChangeHeaders headers = ChangeHeaders.of(ctx.request());
        ReloadRequest request = new ReloadRequest(
                prefer(ctx), QueryParameters.flag(ctx, "dry-run"), headers.author(), QueryParameters.reason(ctx));
        reloader.reload(request)
                .onSuccess(ProxyAdmin.answering(ctx, result -> JsonExchange.send(ctx, 200, result)))
                .onFailure(failure -> ctx.fail(problem(failure)));
    }

    private static Prefer prefer(RoutingContext ctx) {
        String prefer = QueryParameters.text(ctx, "prefer");
        return switch (prefer) {
            case "" -> Prefer.NOBODY;
            case "file" -> Prefer.FILE;
            case "live" -> Prefer.LIVE;
            default -> throw QueryParameters.invalid("query prefer: " + prefer + " (expected: file or live)");
        };
    }

    private static Throwable problem(Throwable failure) {
        if (failure instanceof InvalidSettingsException invalid) {
            return unusable(invalid.problems().stream()
                    .map(problem -> new ProblemError(pointer(problem.key()), problem.message()))
                    .toList());
        }
        if (!(failure instanceof ChangeRefusedException refused)) {
            return failure;
        }
        if (refused.refusal() == Refusal.INVALID) {
            return unusable(refused.details().stream()
                    .map(detail -> new ProblemError(detail.pointer(), detail.text()))
                    .toList());
        }
        return RefusalProblems.problem(refused, false).asException();
    }

    private static Throwable unusable(List<ProblemError> errors) {
        return Problem.of("invalid-settings", 422, "The settings cannot be used")
                .withErrors(errors)
                .asException();
    }

    /** {@code routes[2].retry.tries} as a JSON Pointer. */
    private static String pointer(String key) {
        return key.isEmpty() ? "" : "/" + key.replace("[", "/").replace("]", "").replace(".", "/");
    }
}
