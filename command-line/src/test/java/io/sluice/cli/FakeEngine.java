package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.admin.JsonExchange;
import io.sluice.service.json.Json;
import io.sluice.service.metrics.Metrics;
import io.sluice.service.problem.Problem;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An engine whose rollouts go as a script says: each connection to the event stream is given one batch of events, then it breaks. */
final class FakeEngine {
    static final String TOKEN = "hush";

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final AdminServer server;
    private final List<List<String>> batches = new ArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile @Nullable Problem refusal;
    private volatile JsonNode submitted = Json.mapper().createObjectNode();
    final List<String> lastEventIds = Collections.synchronizedList(new ArrayList<>());

    FakeEngine() throws Exception {
        server = new AdminServer(vertx, AdminSettings.loopback(0, Secret.of(TOKEN)), metrics, Optional::empty);
        server.router().post("/v1/rollouts").handler(this::submit);
        server.router().get("/v1/rollouts/:id/events").handler(this::events);
        get(server.start());
    }

    /** The next connection to the events sees these frames, built by {@link #event}. */
    FakeEngine thenEvents(String... frames) {
        batches.add(List.of(frames));
        return this;
    }

    void refuse(Problem problem) {
        refusal = problem;
    }

    JsonNode submitted() {
        return submitted;
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    static String event(long id, String phase, String... instanceAndStep) {
        ObjectNode view = Json.mapper().createObjectNode();
        view.put("id", "r-1").put("phase", phase).put("detail", "because");
        view.put("finished", !phase.equals("RUNNING") && !phase.equals("NEEDS_ATTENTION"));
        var instances = view.putArray("instances");
        for (int i = 0; i < instanceAndStep.length; i += 2) {
            instances.addObject().put("id", instanceAndStep[i]).put("step", instanceAndStep[i + 1]);
        }
        return "id: " + id + "\nevent: rollout\ndata: " + view + "\n\n";
    }

    void close() throws Exception {
        get(server.stop());
        get(vertx.close());
        metrics.close();
    }

    private void submit(RoutingContext ctx) {
        Problem problem = refusal;
        if (problem != null) {
            throw problem.asException();
        }
        submitted = JsonExchange.body(ctx, JsonNode.class);
        ctx.response().putHeader("Location", "/v1/rollouts/r-1");
        JsonExchange.send(ctx, 202, Map.of("id", "r-1", "phase", "PENDING"));
    }

    private void events(RoutingContext ctx) {
        lastEventIds.add(
                Optional.ofNullable(ctx.request().getHeader("Last-Event-ID")).orElse(""));
        int connection = connections.getAndIncrement();
        ctx.response().setChunked(true).putHeader("Content-Type", "text/event-stream");
        ctx.response().write("retry: 2000\n\n:\n\n");
        batches.get(Math.min(connection, batches.size() - 1)).forEach(ctx.response()::write);
        ctx.response().end();
    }

    private static void get(Future<?> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
