package io.sluice.proxy.admin;

import io.sluice.proxy.api.DeregistrationResult;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.RegistrationRequest;
import io.sluice.proxy.api.RegistrationResult;
import io.sluice.proxy.forward.TrustedPeers;
import io.sluice.proxy.pool.BackendAddress;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.registration.Registration;
import io.sluice.proxy.registration.RegistrationDesk;
import io.sluice.proxy.registration.RegistrationRefusedException;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.AuditHandler;
import io.sluice.service.admin.BearerTokenHandler;
import io.sluice.service.admin.JsonExchange;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where instances register themselves. Besides the admin token, the pool's own registration token lets in here, and nowhere else.
 */
public final class RegistrationAdmin {
    private static final String REGISTRATION = "/v1/pools/:pool/registrations/:instance";
    private static final Pattern PATH = Pattern.compile("/v1/pools/([A-Za-z0-9._-]+)/registrations/[^/]+");
    private static final int MAX_PORT = 65_535;

    /** Below the admin server's idle timeout. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final Pools pools;
    private final Function<String, Optional<RegistrationDesk>> desks;

    /** @param desks finds the desk of a pool with which instances may register */
    public RegistrationAdmin(Vertx vertx, Pools pools, Function<String, Optional<RegistrationDesk>> desks) {
        this.vertx = vertx;
        this.pools = pools;
        this.desks = desks;
    }

    /** Adds the endpoints. */
    public void install(AdminServer server) {
        server.alsoAdmit(this::hasToken);
        server.router().put(REGISTRATION).handler(this::register);
        server.router().delete(REGISTRATION).handler(this::deregister);
    }

    private boolean hasToken(RoutingContext ctx) {
        HttpMethod method = ctx.request().method();
        Matcher path = PATH.matcher(ctx.normalizedPath());
        return (method.equals(HttpMethod.PUT) || method.equals(HttpMethod.DELETE))
                && path.matches()
                && desks.apply(path.group(1))
                        .map(desk -> new BearerTokenHandler(desk.settings().token()).admits(ctx.request()))
                        .orElse(false);
    }

    private RegistrationDesk desk(RoutingContext ctx) {
        String pool = ctx.pathParam("pool");
        return desks.apply(pool).orElseThrow(() -> {
            Problem problem = pools.pool(pool).isEmpty()
                    ? Problem.notFound("there is no pool " + pool)
                    : Problem.of("registration-closed", 403, "Forbidden")
                            .withDetail("pool " + pool + " has no section registration");
            return problem.asException();
        });
    }

    private void register(RoutingContext ctx) {
        RegistrationDesk desk = desk(ctx);
        String id = ctx.pathParam("instance");
        RegistrationRequest wished = JsonExchange.body(ctx, RegistrationRequest.class);
        List<ProblemError> errors = new ArrayList<>();
        BackendAddress address = address(wished, ctx.request().remoteAddress(), errors);
        int weight = Objects.requireNonNullElse(wished.weight(), 1);
        if (weight < 1 || weight > BackendSettings.MAX_WEIGHT) {
            errors.add(new ProblemError("/weight", weight + " (expected: 1-" + BackendSettings.MAX_WEIGHT + ")"));
        }
        Integer adminPort = wished.adminPort();
        if (adminPort != null && !isPort(adminPort)) {
            errors.add(new ProblemError("/adminPort", adminPort + " (expected: 1-65535)"));
        }
        if (address == null || !errors.isEmpty()) {
            throw Problem.invalidRequest(errors).asException();
        }
        desk.register(id, address, weight, adminPort)
                .onSuccess(ProxyAdmin.answering(ctx, registration -> send(ctx, id, registration)))
                .onFailure(failure -> fail(ctx, failure));
    }

    private static void send(RoutingContext ctx, String id, Registration registration) {
        if (!registration.changed()) {
            AuditHandler.leaveOut(ctx);
        }
        JsonExchange.send(
                ctx,
                registration.created() ? 201 : 200,
                new RegistrationResult(ctx.pathParam("pool"), id, registration.address(), registration.ttl()));
    }

    private static boolean isPort(int port) {
        return port >= 1 && port <= MAX_PORT;
    }

    private static @Nullable BackendAddress address(
            RegistrationRequest wished, SocketAddress from, List<ProblemError> errors) {
        String text = wished.address();
        Integer port = wished.port();
        if ((text == null) == (port == null)) {
            errors.add(new ProblemError("", "(expected: either address or port)"));
            return null;
        }
        if (text == null) {
            if (!isPort(port)) {
                errors.add(new ProblemError("/port", port + " (expected: 1-65535)"));
                return null;
            }
            return literal(from.hostAddress(), port);
        }
        BackendAddress address = BackendAddress.parse(text)
                .map(parsed -> literal(parsed.host(), parsed.port()))
                .orElse(null);
        if (address == null) {
            errors.add(new ProblemError(
                    "/address", text + " (expected: an IP address and a port, such as 10.0.0.5:8080)"));
        }
        return address;
    }

    /** The address in its shortest form, so that the same one is always written alike; null when it is a name. */
    private static @Nullable BackendAddress literal(@Nullable String host, int port) {
        return host == null
                ? null
                : TrustedPeers.shortest(host)
                        .map(each -> new BackendAddress(each, port))
                        .orElse(null);
    }

    private void deregister(RoutingContext ctx) {
        RegistrationDesk desk = desk(ctx);
        String id = ctx.pathParam("instance");
        Duration wait = JsonExchange.duration(ctx, "wait", MAX_WAIT).orElse(Duration.ZERO);
        desk.deregister(id)
                .compose(drain -> drain.map(each -> ended(each, wait)).orElseGet(() -> Future.succeededFuture(true)))
                .onSuccess(ProxyAdmin.answering(ctx, drained -> {
                    if (!ctx.response().closed()) {
                        JsonExchange.send(ctx, 200, new DeregistrationResult(ctx.pathParam("pool"), id, drained));
                    }
                }))
                .onFailure(failure -> fail(ctx, failure));
    }

    private Future<Boolean> ended(DrainOperation drain, Duration wait) {
        if (drain.state().isFinal() || wait.isZero()) {
            return Future.succeededFuture(isDrained(drain));
        }
        Promise<Void> over = Promise.promise();
        long timer = vertx.setTimer(wait.toMillis(), late -> over.tryComplete());
        Future.fromCompletionStage(pools.drainEnded(drain.id()), vertx.getOrCreateContext())
                .onComplete(ended -> over.tryComplete());
        return over.future()
                .onComplete(done -> vertx.cancelTimer(timer))
                .map(done -> isDrained(pools.drain(drain.id()).orElse(drain)));
    }

    private static boolean isDrained(DrainOperation drain) {
        return drain.state() == DrainState.DRAINED;
    }

    private static void fail(RoutingContext ctx, Throwable failure) {
        if (failure instanceof RegistrationRefusedException refused) {
            Duration retryAfter = refused.retryAfter();
            if (retryAfter != null) {
                long seconds = Math.max(1, retryAfter.toSeconds() + 1);
                ctx.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
            }
            ctx.fail(problem(refused)
                    .withDetail(String.valueOf(refused.getMessage()))
                    .asException());
        } else if (failure instanceof ChangeRefusedException refused) {
            ctx.fail(RefusalProblems.problem(refused, true).asException());
        } else {
            ctx.fail(failure);
        }
    }

    private static Problem problem(RegistrationRefusedException refused) {
        return switch (refused.reason()) {
            case OUTSIDE_NETWORKS -> Problem.of("outside-networks", 403, "Forbidden");
            case REGISTERED_ELSEWHERE ->
                Problem.of("registered-elsewhere", 409, "The id is registered at another address");
            case ADDRESS_TAKEN -> Problem.of("address-taken", 409, "The address is registered under another id");
            case LIMIT -> Problem.of("registration-limit", 409, "Too many instances are registered");
            case POOL_GONE -> Problem.of("not-found", 404, "Not found");
        };
    }
}
