package io.sluice.rollout.api;

import io.sluice.rollout.catchup.CatchUp;
import io.sluice.rollout.driver.Examiner;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.driver.RolloutEngine.Ask;
import io.sluice.rollout.driver.SubmissionKey;
import io.sluice.rollout.driver.TrafficControl.PoolRef;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.traffic.ProxyClient;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.JsonExchange;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** The endpoints under {@code /v1}, as {@code openapi.yaml} describes them. */
public final class RolloutApi {
    private static final String OPENAPI = "/openapi.yaml";
    private static final String AUTHOR = "X-Author";
    private static final String KEY = "Idempotency-Key";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 500;

    private final RolloutEngine engine;
    private final ProxyClient proxy;
    private final CatchUp catchUp;
    private final Submissions submissions;
    private final RolloutFeed feed;
    private final Vertx vertx;

    /** What the API stands on. */
    public record Parts(
            RolloutEngine engine, ProxyClient proxy, Examiner examiner, CatchUp catchUp, RolloutDefaults defaults) {}

    /** Adds the endpoints to {@code server}, which has not started. */
    public RolloutApi(Vertx vertx, AdminServer server, Parts parts, Clock clock) {
        this.vertx = vertx;
        this.engine = parts.engine();
        this.proxy = parts.proxy();
        this.catchUp = parts.catchUp();
        this.submissions = new Submissions(parts.engine(), parts.proxy(), parts.examiner(), parts.defaults());
        var stream = server.eventStream(RolloutFeed.REMEMBERED);
        this.feed = new RolloutFeed(vertx, parts.engine(), stream, clock);
        Router router = server.router();
        router.post("/v1/rollouts").handler(this::submit);
        router.get("/v1/rollouts").handler(ctx -> JsonExchange.send(ctx, 200, list(ctx)));
        router.get("/v1/rollouts/:id").handler(this::one);
        router.get("/v1/rollouts/:id/evidence").handler(view(EvidenceView::of));
        router.get("/v1/rollouts/:id/explain").handler(view(Explanation::of));
        router.get("/v1/rollouts/:id/journal").handler(view(rollout -> feed.journal(rollout.id())));
        router.get("/v1/rollouts/:id/events")
                .handler(stream.handler(ctx -> feed.following(rollout(ctx).id())));
        router.post("/v1/rollouts/:id/actions").handler(this::act);
        router.get("/v1/events").handler(stream.handler(ctx -> feed.followingAll()));
        router.get("/v1/pools/:pool/drift").handler(ctx -> answer(ctx, drift(ctx)));
        router.get("/v1/configs/:hash").handler(ctx -> answer(ctx, engine.configuration(ctx.pathParam("hash"))));
        router.get(OPENAPI).handler(RolloutApi::document);
        server.open(OPENAPI);
    }

    /** From now on, changes of the engine are passed on; to be called when the engine has started. */
    public void start() {
        feed.start();
    }

    public void stop() {
        feed.stop();
    }

    private void submit(RoutingContext ctx) {
        RolloutBody body = JsonExchange.body(ctx, RolloutBody.class);
        String author = Optional.ofNullable(body.author()).orElseGet(() -> author(ctx));
        String key = ctx.request().getHeader(KEY);
        SubmissionKey submitted =
                key == null ? null : SubmissionKey.of(key, ctx.body().buffer().getBytes());
        answer(ctx, submissions.submit(body, author, submitted), submission -> {
            Rollout rollout = submission.rollout();
            ctx.response().putHeader(HttpHeaders.LOCATION, "/v1/rollouts/" + rollout.id());
            send(ctx, 202, rollout);
        });
    }

    private void act(RoutingContext ctx) {
        ActionBody body = JsonExchange.body(ctx, ActionBody.class);
        Ask ask = new Ask(author(ctx), body.reason() == null ? "" : body.reason());
        answer(
                ctx,
                engine.act(ctx.pathParam("id"), body.action(), ask),
                done -> send(ctx, done.changed() ? 202 : 200, done.rollout()));
    }

    private RolloutPage list(RoutingContext ctx) {
        String pool = ctx.request().getParam("pool");
        Optional<Phase> phase =
                Optional.ofNullable(ctx.request().getParam("phase")).map(RolloutApi::phase);
        String before = ctx.request().getParam("before");
        int limit = Optional.ofNullable(ctx.request().getParam("limit"))
                .map(RolloutApi::limit)
                .orElse(PAGE);
        List<RolloutView> page = new ArrayList<>();
        boolean reached = before == null;
        for (Rollout rollout : engine.list()) {
            boolean matches = (pool == null || pool.equals(rollout.spec().pool()))
                    && (phase.isEmpty() || phase.get() == rollout.phase());
            if (reached && matches) {
                if (page.size() == limit) {
                    return new RolloutPage(page, page.get(limit - 1).id());
                }
                page.add(RolloutView.of(rollout, List.of()));
            }
            reached |= rollout.id().equals(before);
        }
        return new RolloutPage(page, null);
    }

    private void one(RoutingContext ctx) {
        Rollout now = rollout(ctx);
        Optional<Duration> wait = JsonExchange.duration(ctx, "wait", LONGEST_WAIT);
        if (wait.isEmpty()) {
            sendUnlessKnown(ctx, now);
            return;
        }
        long known = Optional.ofNullable(ctx.request().getParam("version"))
                .map(RolloutApi::version)
                .orElse(now.version());
        feed.newer(now.id(), known, wait.get()).onSuccess(unused -> {
            if (!ctx.response().closed()) {
                sendUnlessKnown(ctx, engine.find(now.id()).orElse(now));
            }
        });
    }

    private static void sendUnlessKnown(RoutingContext ctx, Rollout rollout) {
        if (etag(rollout).equals(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            ctx.response()
                    .putHeader(HttpHeaders.ETAG, etag(rollout))
                    .setStatusCode(304)
                    .end();
        } else {
            send(ctx, 200, rollout);
        }
    }

    private Future<DriftView> drift(RoutingContext ctx) {
        String pool = ctx.pathParam("pool");
        return proxy.pool(new PoolRef(pool, engine.epoch()))
                .map(view -> DriftView.of(view, engine, instance -> catchUp.status(pool, instance)));
    }

    private Handler<RoutingContext> view(Function<Rollout, Object> view) {
        return ctx -> JsonExchange.send(ctx, 200, view.apply(rollout(ctx)));
    }

    private void answer(RoutingContext ctx, Future<?> value) {
        answer(ctx, value, json -> JsonExchange.send(ctx, 200, json));
    }

    /** Answers on the request's own context, wherever {@code value} comes from. */
    private <T> void answer(RoutingContext ctx, Future<T> value, Consumer<T> success) {
        Context context = vertx.getOrCreateContext();
        value.recover(Refusals::<T>translated)
                .onComplete(done -> context.runOnContext(unused -> {
                    if (ctx.response().closed()) {
                        return;
                    }
                    if (done.succeeded()) {
                        success.accept(done.result());
                    } else {
                        ctx.fail(done.cause());
                    }
                }));
    }

    private Rollout rollout(RoutingContext ctx) {
        String id = ctx.pathParam("id");
        return engine.find(id).orElseThrow(() -> Refusals.unknownRollout(id));
    }

    private static void send(RoutingContext ctx, int status, Rollout rollout) {
        ctx.response().putHeader(HttpHeaders.ETAG, etag(rollout));
        JsonExchange.send(ctx, status, RolloutView.of(rollout));
    }

    private static String etag(Rollout rollout) {
        return "\"v" + rollout.version() + "\"";
    }

    private static String author(RoutingContext ctx) {
        return Objects.requireNonNullElse(ctx.request().getHeader(AUTHOR), "unknown");
    }

    private static Phase phase(String text) {
        try {
            return Phase.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw Refusals.invalid("query phase: " + text + " (expected: one of " + List.of(Phase.values()) + ")");
        }
    }

    private static int limit(String text) {
        return (int) number("limit", text, 1, LARGEST_PAGE);
    }

    private static long version(String text) {
        return number("version", text, 0, Long.MAX_VALUE);
    }

    private static long number(String name, String text, long min, long max) {
        try {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same refusal.
        }
        throw Refusals.invalid("query " + name + ": " + text + " (expected: " + min + ".." + max + ")");
    }

    private static void document(RoutingContext ctx) {
        ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml").end(Buffer.buffer(Document.BYTES));
    }

    /** Read once, at the first request. */
    private static final class Document {
        private static final byte[] BYTES = read();

        private static byte[] read() {
            try (InputStream in = RolloutApi.class.getResourceAsStream("openapi.yaml")) {
                return Objects.requireNonNull(in, "openapi.yaml is not in the jar")
                        .readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
