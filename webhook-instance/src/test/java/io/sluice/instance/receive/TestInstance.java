package io.sluice.instance.receive;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.ConfigurationChange;
import io.sluice.instance.configuration.ConfigurationReader;
import io.sluice.instance.configuration.ConfigurationWriter;
import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.instance.configuration.DocumentPair;
import io.sluice.instance.configuration.GenerationStore;
import io.sluice.instance.configuration.Origin;
import io.sluice.instance.configuration.Swap;
import io.sluice.instance.configuration.UpdateOutcome;
import io.sluice.instance.deliver.DeadLetterHandler;
import io.sluice.instance.deliver.DeliverMetrics;
import io.sluice.instance.deliver.DeliverSettings;
import io.sluice.instance.deliver.Dispatcher;
import io.sluice.instance.drain.DrainGate;
import io.sluice.instance.outbox.Outbox;
import io.sluice.instance.outbox.OutboxSettings;
import io.sluice.service.admin.ProblemHandler;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The data side of an instance, on a loopback port: receiver, outbox on real files, delivery. */
public final class TestInstance implements AutoCloseable {
    static final String INSTANCE_ID = "webhook-7";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final Clock clock = Clock.systemUTC();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final DrainGate gate = new DrainGate();
    final Outbox outbox;
    final CurrentConfiguration configuration;
    private final ConfigurationReader reader = new ConfigurationReader(Map.of(), false);
    private final ConfigurationWriter writer;
    private final Dispatcher dispatcher;
    private final HttpServer server;

    /** Starts with this {@code webhooks.json}. */
    public static TestInstance start(Path data, String webhooks) {
        return new TestInstance(data, webhooks, ReceiveSettings.defaults());
    }

    TestInstance(Path data, String webhooks, ReceiveSettings settings) {
        this(
                data,
                webhooks,
                settings,
                Outbox.open(data.resolve("outbox"), OutboxSettings.defaults(), Clock.systemUTC()));
    }

    TestInstance(Path data, String webhooks, ReceiveSettings settings, Outbox outbox) {
        DocumentPair documents = new DocumentPair(json(webhooks), json("{}"));
        configuration = new CurrentConfiguration(
                reader.read(documents, 1, new Origin(Origin.Source.SEED_FILES, clock.instant())));
        writer = new ConfigurationWriter(configuration, new GenerationStore(data.resolve("config")), reader, clock);
        this.outbox = outbox;
        dispatcher = new Dispatcher(
                vertx,
                outbox,
                configuration,
                data.resolve("files"),
                DeliverSettings.defaults(),
                new DeliverMetrics(meters, System::nanoTime, Clock.systemUTC()),
                clock);
        await(dispatcher.start());
        server = await(vertx.createHttpServer().requestHandler(router(settings)).listen(0, "127.0.0.1"));
    }

    private Router router(ReceiveSettings settings) {
        WebhookHandler webhooks = new WebhookHandler(
                vertx,
                new Intake(configuration, gate, outbox, INSTANCE_ID),
                settings,
                new ReceiveMetrics(meters, System::nanoTime),
                clock);
        DeadLetterHandler letters = new DeadLetterHandler(outbox, INSTANCE_ID);
        Router router = Router.router(vertx);
        ProblemHandler.install(router);
        router.get("/admin/dead-letters").handler(letters::list);
        router.post("/admin/dead-letters/:id/replay").handler(letters::replay);
        router.delete("/admin/dead-letters/:id").handler(letters::drop);
        router.route("/webhook/*").handler(ctx -> webhooks.handle(ctx.request()));
        return router;
    }

    public int port() {
        return server.actualPort();
    }

    /** Replaces the webhooks, as a push does. */
    Configuration update(String webhooks) {
        UpdateOutcome outcome =
                writer.update(new ConfigurationChange(ConfigType.WEBHOOKS, json(webhooks), null, null, false, null));
        if (!(outcome instanceof UpdateOutcome.Accepted)) {
            throw new AssertionError(outcome);
        }
        return configuration.get();
    }

    /** Replaces the webhooks in memory alone. */
    Configuration swap(String webhooks) {
        DocumentPair documents = new DocumentPair(json(webhooks), json("{}"));
        Origin origin = new Origin(Origin.Source.PUSH, clock.instant());
        Configuration next = reader.read(documents, configuration.get().generation() + 1, origin);
        Swap.to(configuration, next);
        return next;
    }

    double count(String meter, String... tags) {
        return meters.find(meter).tags(tags).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Override
    public void close() {
        await(server.close());
        await(dispatcher.stop());
        outbox.close();
        await(vertx.close());
    }

    static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("not done within " + PATIENCE, e);
        }
    }
}
