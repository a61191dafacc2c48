package io.sluice.instance;

import io.micrometer.core.instrument.Gauge;
import io.sluice.instance.admin.AdminRouter;
import io.sluice.instance.admin.ConfigHandlers;
import io.sluice.instance.admin.ConfigurationMetrics;
import io.sluice.instance.admin.ConfigurationUpdates;
import io.sluice.instance.admin.DrainHandlers;
import io.sluice.instance.admin.HealthHandlers;
import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.instance.deliver.DeadLetterHandler;
import io.sluice.instance.deliver.DeliverMetrics;
import io.sluice.instance.deliver.Dispatcher;
import io.sluice.instance.drain.Drain;
import io.sluice.instance.drain.DrainGate;
import io.sluice.instance.drain.DrainPhase;
import io.sluice.instance.health.Check;
import io.sluice.instance.health.ConnectionProbes;
import io.sluice.instance.health.Health;
import io.sluice.instance.outbox.Outbox;
import io.sluice.instance.outbox.OutboxMetrics;
import io.sluice.instance.receive.Intake;
import io.sluice.instance.receive.ReceiveMetrics;
import io.sluice.instance.receive.WebhookHandler;
import io.sluice.instance.registration.RegistrationSettings;
import io.sluice.instance.registration.Registrations;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.Lifecycle;
import io.sluice.service.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One webhook instance: opens what it has on disk, delivers what waits there, then listens. Stops the other way round, so that nothing
 * accepted is without a place. Several can live in one process; none reads the environment but through what it was given.
 */
public final class InstanceProgram implements Component {
    private final Vertx vertx;
    private final InstanceSettings settings;
    private final Map<String, String> environment;
    private final Clock clock;
    private final LongSupplier nanos;
    private volatile @Nullable Running running;

    private record Running(
            Lifecycle parts, Listener listener, Storage storage, Metrics metrics, WorkerExecutor worker) {}

    /**
     * An instance that has not started.
     *
     * @param environment fills in {@code {$VAR}} in configurations
     * @param nanos a monotonic clock
     */
    public InstanceProgram(
            Vertx vertx, InstanceSettings settings, Map<String, String> environment, Clock clock, LongSupplier nanos) {
        this.vertx = vertx;
        this.settings = settings;
        this.environment = Map.copyOf(environment);
        this.clock = clock;
        this.nanos = nanos;
    }

    @Override
    public String name() {
        return "webhook instance " + settings.id();
    }

    public String id() {
        return settings.id();
    }

    /** The port in use, once started. */
    public int port() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException(name() + " has not started");
        }
        return now.listener.port();
    }

    /** Fails with an {@link io.sluice.service.settings.InvalidSettingsException} when there is no configuration that can run. */
    @Override
    public Future<Void> start() {
        // One thread: it opens the files, and later serialises changes of the configuration.
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("sluice-configuration-" + settings.id(), 1);
        return worker.executeBlocking(() -> Storage.open(settings, environment, clock))
                .compose(storage -> start(storage, worker))
                .onFailure(failure -> worker.close());
    }

    private Future<Void> start(Storage storage, WorkerExecutor worker) {
        Running wired = wire(storage, worker);
        running = wired;
        return wired.parts.start().onFailure(failure -> {
            running = null;
            wired.metrics.close();
        });
    }

    @Override
    public Future<Void> stop() {
        Running stopping = running;
        if (stopping == null) {
            return Future.succeededFuture();
        }
        return stopping.parts.stop().eventually(() -> {
            stopping.metrics.close();
            return stopping.worker.close();
        });
    }

    private Running wire(Storage storage, WorkerExecutor worker) {
        Metrics metrics = new Metrics();
        DrainGate gate = new DrainGate();
        Drain drain = new Drain(gate, new VertxTimer(vertx), clock);
        register(metrics, drain);
        Intake intake = new Intake(storage.configuration(), gate, storage.outbox(), settings.id());
        WebhookHandler webhooks = new WebhookHandler(
                vertx, intake, settings.receive(), new ReceiveMetrics(metrics.registry(), nanos), clock);
        Dispatcher dispatcher = new Dispatcher(
                vertx,
                storage.outbox(),
                storage.configuration(),
                settings.dataFolder().resolve("files"),
                settings.deliver(),
                new DeliverMetrics(metrics.registry(), nanos, clock),
                clock);
        Listener listener = new Listener(
                vertx,
                settings.listener(),
                settings.drain(),
                drain,
                webhooks,
                adminRouter(storage, drain, metrics, worker),
                new ListenerMetrics(metrics.registry()),
                nanos);
        Duration longest = settings.drain().longestStop();
        List<Component> all = new ArrayList<>(List.of(new OpenOutbox(storage.outbox(), worker), dispatcher, listener));
        RegistrationSettings registration = settings.registration();
        if (registration != null) {
            // Last, so that it serves when it registers, and serves still while it leaves.
            all.add(new Registrations(vertx, registration, settings.id(), listener::port, metrics.registry()));
        }
        Lifecycle parts = new Lifecycle(vertx, name(), longest, all);
        return new Running(parts, listener, storage, metrics, worker);
    }

    private Router adminRouter(Storage storage, Drain drain, Metrics metrics, WorkerExecutor worker) {
        CurrentConfiguration current = storage.configuration();
        Outbox outbox = storage.outbox();
        Health health = new Health(settings.id(), current, drain, List.of(outboxCheck(outbox)), clock);
        ConnectionProbes probes = new ConnectionProbes(vertx, current, nanos, metrics.registry());
        DeadLetterHandler letters = new DeadLetterHandler(outbox, settings.id());
        OutboxMetrics outboxMetrics = new OutboxMetrics(outbox, metrics.registry(), clock);
        ConfigurationMetrics configurationMetrics =
                new ConfigurationMetrics(current, settings.id(), metrics.registry());
        return new AdminRouter(vertx, settings.admin(), settings.id(), current)
                .build(
                        new HealthHandlers(health, probes),
                        new DrainHandlers(drain, settings.drain().grace(), settings.id(), outbox::pending, clock),
                        new ConfigHandlers(
                                current,
                                new ConfigurationUpdates(worker, storage.writer(), metrics.registry()),
                                settings.id(),
                                clock),
                        () -> {
                            outboxMetrics.refresh();
                            configurationMetrics.refresh();
                            return metrics.scrape();
                        },
                        router -> mount(router, letters));
    }

    private static void mount(Router router, DeadLetterHandler letters) {
        router.get(InstancePaths.DEAD_LETTERS).handler(letters::list);
        router.post(InstancePaths.DEAD_LETTERS + "/:id/replay").handler(letters::replay);
        router.delete(InstancePaths.DEAD_LETTERS + "/:id").handler(letters::drop);
    }

    private static Check outboxCheck(Outbox outbox) {
        return new Check(
                "outbox",
                () -> outbox.refusal()
                        .map(reason -> Check.fail("new webhooks cannot be stored: " + reason))
                        .orElse(Check.PASS));
    }

    private static void register(Metrics metrics, Drain drain) {
        Gauge.builder("drain_state", () -> code(drain.view().phase()))
                .description("0 active, 1 lame duck, 2 draining, 3 drained")
                .register(metrics.registry());
    }

    private static int code(DrainPhase phase) {
        return switch (phase) {
            case ACTIVE -> 0;
            case LAME_DUCK -> 1;
            case DRAINING -> 2;
            case DRAINED -> 3;
        };
    }

    /** Closes the outbox last of all. */
    private record OpenOutbox(Outbox outbox, WorkerExecutor worker) implements Component {
        @Override
        public String name() {
            return "outbox";
        }

        @Override
        public Future<Void> start() {
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> stop() {
            return worker.executeBlocking(() -> {
                        outbox.close();
                        return true;
                    })
                    .mapEmpty();
        }
    }
}
