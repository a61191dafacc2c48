package io.sluice.service.admin;

import io.sluice.service.problem.Problem;
import io.sluice.service.settings.Secret;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets a request pass that carries the token, as {@code Authorization: Bearer …} or bare: 401 when it does not, 403 when there is none. */
public final class BearerTokenHandler implements Handler<RoutingContext> {
    private static final String SCHEME = "bearer ";

    private final @Nullable Secret token;

    public BearerTokenHandler(@Nullable Secret token) {
        this.token = token;
    }

    @Override
    public void handle(RoutingContext ctx) {
        if (token == null) {
            throw Problem.of("no-token-configured", 403, "Forbidden")
                    .withDetail("no admin token is configured, so that nobody can be let in")
                    .asException();
        }
        if (!admits(ctx.request())) {
            boolean missing = !ctx.request().headers().contains(HttpHeaders.AUTHORIZATION);
            ctx.response().putHeader("WWW-Authenticate", "Bearer realm=\"sluice\"");
            throw Problem.of("unauthorized", 401, "Unauthorized")
                    .withDetail(missing ? "no token was given" : "the token is not the right one")
                    .asException();
        }
        ctx.next();
    }

    /** Whether the request carries the token; never when there is none. */
    public boolean admits(HttpServerRequest request) {
        List<String> headers = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        return token != null && headers.size() == 1 && token.matches(credentials(headers.get(0)));
    }

    private static String credentials(String header) {
        String stripped = header.strip();
        return stripped.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? stripped.substring(SCHEME.length()).strip()
                : stripped;
    }
}
