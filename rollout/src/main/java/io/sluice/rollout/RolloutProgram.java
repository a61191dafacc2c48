package io.sluice.rollout;

import io.sluice.journal.JournalException;
import io.sluice.rollout.api.RolloutApi;
import io.sluice.rollout.catchup.CatchUp;
import io.sluice.rollout.driver.EngineSettings;
import io.sluice.rollout.driver.Examiner;
import io.sluice.rollout.driver.RolloutDriver;
import io.sluice.rollout.instance.InstanceClient;
import io.sluice.rollout.observe.RolloutMetrics;
import io.sluice.rollout.remote.RemoteEndpoint;
import io.sluice.rollout.store.CrashPoint;
import io.sluice.rollout.traffic.ProxyClient;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.Lifecycle;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rollout engine with its API: the engine recovers first, then instances are caught up, and last the API listens, so that nobody is
 * answered from a state that is not known yet. Stops the other way round; a rollout that runs then goes on at the next start.
 */
public final class RolloutProgram implements Component {
    /** What the proxy's journal names for every change. */
    private static final String AUTHOR = "rollout-engine";

    /** Each drain that is waited for keeps a connection to the proxy busy, and batches may be large. */
    private static final int MAX_CONNECTIONS_PER_HOST = 64;

    private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);

    private final AdminServer server;
    private final Metrics metrics = new Metrics();
    private final Lifecycle lifecycle;

    /**
     * @param vertx outlives the program and is not closed by it
     * @param data folder of the journal and the documents; one program at a time
     * @param crash is told of every boundary at which the process might die
     */
    public RolloutProgram(Vertx vertx, RolloutSettings settings, Path data, Clock clock, CrashPoint crash) {
        HttpClient http = vertx.createHttpClient(
                new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS_PER_HOST));
        AtomicReference<@Nullable RolloutDriver> running = new AtomicReference<>();
        InstanceClient instances = new InstanceClient(
                http,
                Optional.ofNullable(settings.instanceToken()),
                settings.callTimeout(),
                () -> epoch(running.get()));
        ProxyClient proxy = new ProxyClient(
                new RemoteEndpoint(
                        http,
                        settings.proxies().get(0),
                        Optional.ofNullable(settings.proxyToken()),
                        settings.callTimeout()),
                AUTHOR,
                settings.callTimeout());
        RolloutDriver engine =
                RolloutDriver.of(vertx, proxy, instances, new EngineSettings(data, settings.maxAway()), clock, crash);
        running.set(engine);
        RolloutMetrics meters = new RolloutMetrics(metrics.registry());
        meters.observe(engine);
        CatchUp catchUp = new CatchUp(vertx, proxy, instances, engine, settings.catchUp(), clock, meters::caughtUp);
        server = new AdminServer(vertx, settings.listen(), metrics, engine::stoppedBecause, "listen");
        RolloutApi api = new RolloutApi(
                vertx,
                server,
                new RolloutApi.Parts(engine, proxy, new Examiner(instances), catchUp, settings.defaults()),
                clock);
        lifecycle = new Lifecycle(
                vertx,
                "rollout engine",
                STOP_DEADLINE,
                List.of(
                        new Part("calls", () -> Future.succeededFuture(), http::close),
                        new Part("engine", () -> startEngine(engine, data), engine::stop),
                        new Part("announcements", now(api::start), now(api::stop)),
                        new Part("catching up", now(catchUp::start), catchUp::stop),
                        server));
    }

    @Override
    public String name() {
        return lifecycle.name();
    }

    @Override
    public Future<Void> start() {
        return lifecycle.start();
    }

    @Override
    public Future<Void> stop() {
        return lifecycle.stop().eventually(() -> {
            metrics.close();
            return Future.succeededFuture();
        });
    }

    /** The port of the API, once started. */
    public int port() {
        return server.port();
    }

    private static long epoch(@Nullable RolloutDriver engine) {
        return engine == null ? 0 : engine.epoch();
    }

    private static Future<Void> startEngine(RolloutDriver engine, Path data) {
        return engine.start()
                .recover(failure ->
                        failure instanceof JournalException journal && journal.kind() == JournalException.Kind.LOCKED
                                ? Future.failedFuture(new StartException(
                                        "the rollout journal in " + data + " is in use by another process", journal))
                                : Future.failedFuture(failure));
    }

    private static Supplier<Future<Void>> now(Runnable action) {
        return () -> {
            action.run();
            return Future.succeededFuture();
        };
    }

    /** A part that starts and stops by these two actions. */
    private record Part(String name, Supplier<Future<Void>> starting, Supplier<Future<Void>> stopping)
            implements Component {
        @Override
        public Future<Void> start() {
            return starting.get();
        }

        @Override
        public Future<Void> stop() {
            return stopping.get();
        }
    }
}
