package io.sluice.instance.admin;

import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.drain.Drain;
import io.sluice.instance.drain.DrainPhase;
import io.sluice.instance.drain.DrainView;
import io.sluice.service.admin.JsonExchange;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the instance out of service and back, for whoever holds it. */
public final class DrainHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(DrainHandlers.class);

    private static final String WAIT = "wait";
    private static final String DEFAULT_HOLDER = "operator";
    private static final Pattern HOLDER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9:._@/-]{0,127}");
    private static final long DEFAULT_DEADLINE_MS = 30_000;
    private static final long MAX_MS = Duration.ofHours(1).toMillis();

    /** Short of the time after which connections count as idle. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(60);

    private final Drain drain;
    private final Duration defaultGrace;
    private final String instanceId;
    private final LongSupplier outboxPending;
    private final Clock clock;

    /**
     * Handlers for one drain.
     *
     * @param defaultGrace how long requests are still taken when the caller does not say
     */
    public DrainHandlers(
            Drain drain, Duration defaultGrace, String instanceId, LongSupplier outboxPending, Clock clock) {
        this.drain = drain;
        this.defaultGrace = defaultGrace;
        this.instanceId = instanceId;
        this.outboxPending = outboxPending;
        this.clock = clock;
    }

    void mountOpen(Router router) {
        router.get(InstancePaths.DRAIN_STATUS).handler(ctx -> {
            if (ctx.request().getParam(WAIT) == null) {
                send(ctx, drain.view());
            } else {
                ctx.next(); // who waits keeps a connection, so that is not for anybody
            }
        });
    }

    void mountProtected(Router router) {
        router.get(InstancePaths.DRAIN_STATUS).handler(this::awaitDrained);
        router.post(InstancePaths.DRAIN).handler(this::drain);
        router.post(InstancePaths.UNDRAIN).handler(this::undrain);
    }

    /** Answers as soon as nothing runs any more, when nobody drains, or when the time is over. */
    private void awaitDrained(RoutingContext ctx) {
        Duration wait = JsonExchange.duration(ctx, WAIT, MAX_WAIT).orElse(Duration.ZERO);
        if (wait.isZero() || drain.isActive()) {
            send(ctx, drain.view());
            return;
        }
        CompletableFuture<Void> drained = drain.drained();
        ctx.response().closeHandler(gone -> drain.forget(drained));
        Future.fromCompletionStage(drained, ctx.vertx().getOrCreateContext())
                .timeout(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS)
                .onComplete(over -> {
                    drain.forget(drained);
                    if (!ctx.response().closed()) {
                        send(ctx, drain.view());
                    }
                });
    }

    private void drain(RoutingContext ctx) {
        DrainRequest request = request(ctx);
        Duration grace = request.graceMs() == null ? defaultGrace : Duration.ofMillis(request.graceMs());
        Duration deadline =
                Duration.ofMillis(request.deadlineMs() == null ? DEFAULT_DEADLINE_MS : request.deadlineMs());
        String holder = holder(request);
        DrainView view = drain.start(holder, grace, deadline);
        LOG.info("drain by {}: {}, {} in flight", holder, view.phase(), view.inFlight());
        send(ctx, view);
    }

    private void undrain(RoutingContext ctx) {
        String holder = holder(request(ctx));
        DrainView view = drain.end(holder);
        LOG.info("undrain by {}: {}, held by {}", holder, view.phase(), view.holders());
        send(ctx, view);
    }

    private static DrainRequest request(RoutingContext ctx) {
        DrainRequest request =
                JsonExchange.optionalBody(ctx, DrainRequest.class).orElseGet(() -> new DrainRequest(null, null, null));
        List<ProblemError> errors = new ArrayList<>();
        if (!HOLDER.matcher(holder(request)).matches()) {
            errors.add(new ProblemError("/holder", "holder (expected: letters, digits and :._@/-, at most 128)"));
        }
        checkMillis("grace_ms", request.graceMs(), errors);
        checkMillis("deadline_ms", request.deadlineMs(), errors);
        if (!errors.isEmpty()) {
            throw Problem.invalidRequest(errors).asException();
        }
        return request;
    }

    private static void checkMillis(String key, @Nullable Long millis, List<ProblemError> errors) {
        if (millis != null && (millis < 0 || millis > MAX_MS)) {
            errors.add(new ProblemError("/" + key, key + ": " + millis + " (expected: 0.." + MAX_MS + ")"));
        }
    }

    private static String holder(DrainRequest request) {
        return request.holder() == null ? DEFAULT_HOLDER : request.holder();
    }

    private void send(RoutingContext ctx, DrainView view) {
        boolean draining = view.phase() != DrainPhase.ACTIVE;
        JsonExchange.send(
                ctx,
                200,
                new DrainStatus(
                        draining ? "draining" : "active",
                        draining,
                        view.phase().name().toLowerCase(Locale.ROOT),
                        view.holders(),
                        view.inFlight(),
                        outboxPending.getAsLong(),
                        instanceId,
                        clock.instant(),
                        message(view)));
    }

    private static String message(DrainView view) {
        String running = view.inFlight() + (view.inFlight() == 1 ? " request runs" : " requests run");
        return switch (view.phase()) {
            case ACTIVE -> "Requests are taken";
            case LAME_DUCK -> "Requests are still taken for a moment; " + running;
            case DRAINING -> "New requests are refused; " + running + (view.overdue() ? ", past the deadline" : "");
            case DRAINED -> "New requests are refused; none runs";
        };
    }
}
