package io.sluice.proxy;

import io.sluice.journal.JournalException;
import io.sluice.journal.JournalSettings;
import io.sluice.proxy.admin.AccessLogAdmin;
import io.sluice.proxy.admin.ProxyAdmin;
import io.sluice.proxy.admin.RegistrationAdmin;
import io.sluice.proxy.admin.ReloadAdmin;
import io.sluice.proxy.admin.ReloadRequest;
import io.sluice.proxy.admin.StatusAdmin;
import io.sluice.proxy.admin.StructureAdmin;
import io.sluice.proxy.api.ReloadResult;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.listener.TrafficListener;
import io.sluice.proxy.observe.AccessLog;
import io.sluice.proxy.observe.TrafficMetrics;
import io.sluice.proxy.observe.TunnelMeters;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.FileConflictException;
import io.sluice.proxy.pool.JournalPoolStore;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Predecessor;
import io.sluice.proxy.pool.Prefer;
import io.sluice.proxy.takeover.HandOver;
import io.sluice.proxy.takeover.MeetingPoint;
import io.sluice.proxy.takeover.TakeOver;
import io.sluice.service.admin.AdminServer;
import io.sluice.service.admin.EventStream;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.Lifecycle;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.metrics.Metrics;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingProblem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One proxy. It starts from the journal outwards (pools, checks, admin API, traffic) and stops the other way round: readiness says 503, the
 * listener serves on through its lame-duck time with {@code Connection: close}, what runs finishes, and the journal closes last. Several can
 * live in one process; none reads the environment.
 */
public final class ProxyProgram implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyProgram.class);

    /** Changes of pools are small and few; this is years of them. */
    private static final JournalSettings JOURNAL = new JournalSettings(8L << 20, 16 << 20, 1L << 30, 32L << 20);

    /** For what has no time of its own. */
    private static final Duration STOP_MARGIN = Duration.ofSeconds(3);

    /** Event ids rise across restarts as long as there are fewer than this a millisecond. */
    private static final long EVENTS_PER_MILLISECOND = 1_000;

    private final Vertx vertx;
    private final Vertx trafficVertx;
    private final ProxySettings settings;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Succession succession;
    private final String bootId = UUID.randomUUID().toString();
    private volatile @Nullable Running running;
    private volatile @Nullable AccessLog accessLog;
    private volatile String phase = "starting";
    private final LiveStructure live;
    private final ProxyInterpreter interpreter;
    private final @Nullable Callable<ProxySettings> source;

    private record Running(
            Lifecycle parts, Pools pools, TrafficListener traffic, List<AdminServer> admins, FileReloader reloader) {}

    /** A proxy that has not started, with one Vert.x for everything, for a process that it shares with others. */
    public ProxyProgram(Vertx vertx, ProxySettings settings, Clock clock, LongSupplier nanoTime) {
        this(vertx, vertx, settings, null, Succession.NONE, clock, nanoTime);
    }

    /**
     * A proxy that has not started.
     *
     * @param vertx for the admin API, checks, and all else that is not traffic
     * @param trafficVertx for traffic: when it is another one, nothing makes a request wait for its event loop but other requests
     * @param source reads the settings again; may block, and throws {@link InvalidSettingsException} when they are wrong; absent: never
     * @param clock wall clock, for journal, logs and absolute deadlines
     * @param nanoTime monotonic
     */
    public ProxyProgram(
            Vertx vertx,
            Vertx trafficVertx,
            ProxySettings settings,
            @Nullable Callable<ProxySettings> source,
            Succession succession,
            Clock clock,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.trafficVertx = trafficVertx;
        this.succession = succession;
        this.settings = settings;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.source = source;
        this.live = new LiveStructure(vertx, settings.dataFolder(), clock, nanoTime);
        this.interpreter = new ProxyInterpreter(settings, live);
    }

    @Override
    public String name() {
        return "proxy";
    }

    /** The port that clients use, once started. */
    public int trafficPort() {
        return started().traffic.port();
    }

    /** The port that clients with TLS use, once started; 0 when there is none. */
    public int tlsPort() {
        return started().traffic.tlsPort();
    }

    /** The port of the admin API, once started. */
    public int adminPort() {
        return started().admins.get(0).port();
    }

    /** The port for instances that register, once started; that of the admin API when there is no other. */
    public int registrationPort() {
        List<AdminServer> admins = started().admins;
        return admins.get(admins.size() - 1).port();
    }

    /** The live pools, once started; for programs that embed this one. */
    public Pools pools() {
        return started().pools;
    }

    /** Has the access log's file opened anew, as after it was renamed; nothing happens without one. Any thread. */
    public void reopenAccessLog() {
        AccessLog log = accessLog;
        if (log != null) {
            Future.fromCompletionStage(log.reopen())
                    .onSuccess(done -> LOG.info("access log: opened anew"))
                    .onFailure(failure -> LOG.warn("access log: not opened anew: {}", failure.getMessage()));
        }
    }

    /**
     * Reads the settings again and merges what changed. Whatever comes of it is logged.
     *
     * @param author for the journal
     */
    public Future<ReloadResult> reload(String author) {
        Running now = running;
        return now == null
                ? Future.failedFuture(new IllegalStateException(name() + " has not started"))
                : now.reloader.reload(new ReloadRequest(Prefer.NOBODY, false, author, ""));
    }

    private Running started() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException(name() + " has not started");
        }
        return now;
    }

    /** Fails with {@link InvalidSettingsException} when the file contradicts changes that were made through the API. */
    @Override
    public Future<Void> start() {
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("sluice-pools-" + bootId, 1);
        MeetingPoint meetingPoint = MeetingPoint.in(settings.dataFolder(), bootId);
        Future<Optional<TakeOver>> found =
                succession.takesOver() ? TakeOver.begin(vertx, meetingPoint) : Future.succeededFuture(Optional.empty());
        return found.compose(old -> start(old.orElse(null), meetingPoint, worker)
                        .onFailure(failure -> old.ifPresent(TakeOver::abandon)))
                .onSuccess(ready -> phase = "")
                .onFailure(failure -> worker.close());
    }

    private Future<Void> start(@Nullable TakeOver old, MeetingPoint meetingPoint, WorkerExecutor worker) {
        Future<Void> free = old == null ? Future.succeededFuture() : old.takeJournal();
        return free.compose(released -> worker.executeBlocking(() -> openPools(old == null ? Predecessor.NONE : old)))
                .compose(opened -> {
                    Running wired = wire(opened, old, meetingPoint, worker);
                    running = wired;
                    return wired.parts.start();
                });
    }

    @Override
    public Future<Void> stop() {
        phase = "stopping";
        Running stopping = running;
        return stopping == null ? Future.succeededFuture() : stopping.parts.stop();
    }

    private Opened openPools(Predecessor predecessor) {
        JournalPoolStore store = openStore();
        try {
            Pools pools = Pools.open(interpreter.file().contents(), store, interpreter, predecessor, clock, bootId);
            Metrics metrics = new Metrics();
            TrafficMetrics meters = new TrafficMetrics(metrics.registry());
            live.begin(
                    meters, interpreter.lastPrepared(), name -> pools.pool(name).orElseThrow());
            return new Opened(pools, metrics, meters);
        } catch (FileConflictException e) {
            store.close();
            throw new InvalidSettingsException(
                    e.conflicts().stream().map(ProxyProgram::problem).toList());
        } catch (ChangeRefusedException e) {
            store.close();
            throw new InvalidSettingsException(
                    e.details().stream().map(ProxyProgram::problem).toList());
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private record Opened(Pools pools, Metrics metrics, TrafficMetrics meters) {}

    private static SettingProblem problem(ChangeRefusedException.Detail detail) {
        return new SettingProblem("settings file with changes of the API", "", null, detail.text(), null);
    }

    private JournalPoolStore openStore() {
        Path folder = settings.dataFolder().resolve("pools");
        try {
            return JournalPoolStore.open(folder, JOURNAL);
        } catch (JournalException e) {
            throw new StartException("the journal in " + folder + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static SettingProblem problem(FileConflictException.Conflict conflict) {
        return new SettingProblem(
                "settings file",
                conflict.key(),
                conflict.file(),
                conflict.live() + ", as the admin API made it since the file said " + conflict.base()
                        + "; or undo that change through the API",
                null);
    }

    private Running wire(Opened opened, @Nullable TakeOver old, MeetingPoint meetingPoint, WorkerExecutor worker) {
        Pools pools = opened.pools();
        Metrics metrics = opened.metrics();
        TrafficMetrics meters = opened.meters();
        ProxyGauges gauges = new ProxyGauges(metrics.registry(), clock);
        gauges.follow(pools);
        AccessLog log = settings.accessLog().on() ? new AccessLog(settings.accessLog(), clock) : null;
        accessLog = log;
        TunnelMeters tunnels = new TunnelMeters(metrics.registry());
        ExchangeObserver observer =
                ExchangeObserver.all(log == null ? List.of(meters, tunnels) : List.of(meters, tunnels, log));
        TrafficListener traffic = new TrafficListener(
                trafficVertx, settings.listener(), live.table(), live.targets(), observer, clock, nanoTime);
        live.serve(traffic);
        meters.gauge("sluice.proxy.client.connections", "Open client connections.", traffic::connections);
        new ListenerMeters(metrics.registry()).follow(traffic);
        if (log != null) {
            new ListenerMeters(metrics.registry()).follow(log);
        }
        meters.gauge("sluice.proxy.buffered.bytes", "Bytes in the buffers of all connections.", traffic::bufferedBytes);
        meters.gauge("sluice.proxy.replay.bytes", "Request bodies kept for a retry.", traffic::replayBytes);
        traffic.certificates().ifPresent(gauges::follow);
        AdminServer admin = new AdminServer(vertx, settings.admin(), metrics, this::notReadyBecause);
        LiveSources sources = new LiveSources(vertx, pools, metrics.registry(), clock, nanoTime);
        live.followedBy(sources::follow);
        EventStream events = new ProxyAdmin(
                        vertx,
                        pools,
                        live::balanced,
                        (pool, backend, path) -> live.probe(pool, backend, path.orElse(null)),
                        sources,
                        bootId)
                .install(admin, clock.millis() * EVENTS_PER_MILLISECOND);
        new StatusAdmin(pools, live::history, traffic::routes, sources, bootId, clock).install(admin, events);
        new StructureAdmin(vertx, pools, live::table, sources, bootId).install(admin);
        List<AdminServer> admins = new ArrayList<>(List.of(admin));
        if (settings.registration() != null) {
            admins.add(AdminServer.forOthers(vertx, settings.registration(), "registration"));
        }
        admins.forEach(new RegistrationAdmin(vertx, pools, sources::desk)::install);
        FileReloader reloader = new FileReloader(vertx, worker, interpreter, pools, settings, source);
        new ReloadAdmin(reloader).install(admin);
        boolean hasFile = settings.accessLog().file() != null;
        new AccessLogAdmin(vertx, log == null || !hasFile ? null : log::reopen).install(admin);

        List<Component> parts = new ArrayList<>();
        parts.add(new OpenPools(pools, log, metrics, worker));
        parts.add(live);
        parts.add(sources);
        parts.add(new FirstChecks(vertx, live.checked()));
        if (old != null) {
            parts.add(Step.of("inheritance", () -> old.passSockets(traffic).compose(passed -> old.takeAdminPort())));
        }
        parts.addAll(admins);
        parts.add(Step.of("leases", sources::openDesks));
        parts.add(new LameDuck(traffic));
        if (old != null) {
            parts.add(Step.of("take-over", old::takePlace));
        }
        if (succession.whenReplaced() != null) {
            parts.add(new HandOver(
                    vertx,
                    meetingPoint,
                    worker,
                    new HandOver.Place(
                            pools,
                            () -> JournalPoolStore.open(settings.dataFolder().resolve("pools"), JOURNAL),
                            sources,
                            admins,
                            traffic,
                            old == null ? Future.succeededFuture() : old.ended(),
                            succession.whenReplaced())));
        }
        Duration longest = settings.listener()
                .lameDuck()
                .plus(settings.listener().stopTimeout())
                .plus(STOP_MARGIN);
        return new Running(new Lifecycle(vertx, name(), longest, parts), pools, traffic, admins, reloader);
    }

    private Optional<String> notReadyBecause() {
        return phase.isEmpty() ? Optional.empty() : Optional.of(phase);
    }

    /** Something that is done once on the way up. */
    private record Step(String name, Supplier<Future<Void>> action) implements Component {
        static Step of(String name, Supplier<Future<Void>> action) {
            return new Step(name, action);
        }

        @Override
        public Future<Void> start() {
            return action.get();
        }

        @Override
        public Future<Void> stop() {
            return Future.succeededFuture();
        }
    }

    /** Says goodbye before it goes. */
    private record LameDuck(TrafficListener traffic) implements Component {
        @Override
        public String name() {
            return traffic.name();
        }

        @Override
        public Future<Void> start() {
            return traffic.start();
        }

        @Override
        public Future<Void> stop() {
            return traffic.startLameDuck().compose(over -> traffic.stop());
        }
    }
}
