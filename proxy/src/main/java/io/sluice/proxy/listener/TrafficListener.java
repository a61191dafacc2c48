package io.sluice.proxy.listener;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.sluice.proxy.forward.ContentCodings;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.Forwarder;
import io.sluice.proxy.forward.ForwardingTarget;
import io.sluice.proxy.forward.ListenerShare;
import io.sluice.proxy.forward.LiveRouting;
import io.sluice.proxy.forward.MemoryLimit;
import io.sluice.proxy.forward.ReplayMemory;
import io.sluice.proxy.forward.Routing;
import io.sluice.proxy.limit.RateLimiter;
import io.sluice.proxy.limit.RateLimiters;
import io.sluice.proxy.limit.RunningRequests;
import io.sluice.proxy.route.RouteTable;
import io.sluice.proxy.tls.CertificateReloader;
import io.sluice.proxy.tls.Certificates;
import io.sluice.proxy.tls.TlsSettings;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ListenException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public listener: a port for plain HTTP, one for TLS, or both, and one event loop per core. Stopping is graceful: after {@link
 * #startLameDuck()} every response ends its connection and the health check says 503, while new connections are still served; {@link #stop()} then refuses new ones and waits for what runs.
 */
public final class TrafficListener implements Component {
    /** Makes the forwarder of one event loop, on that loop. */
    interface ForwarderFactory {
        Forwarder create(Bootstrap client);
    }

    /** Whether the listener is on its way out; read for every request. */
    static final class Phase {
        private volatile boolean endsConnections;
        private volatile boolean stopping;

        void endConnections() {
            endsConnections = true;
        }

        void stop() {
            endsConnections = true;
            stopping = true;
        }

        boolean endsConnections() {
            return endsConnections;
        }

        /** Whether clients should go elsewhere, too: not when they find another process at the same place. */
        boolean isStopping() {
            return stopping;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(TrafficListener.class);
    /** Files are read from the page cache most of the time. */
    private static final int WORKERS = 4;

    /** How soon it is seen that the last connection has ended. */
    private static final long LOOK_MILLIS = 50;

    private final Vertx vertx;
    private final ListenerSettings settings;
    private final LiveRouting routing;
    private final ExchangeObserver observer;
    private final LongSupplier nanoTime;
    private final ListenerShare share;
    private final WorkerExecutor workers;
    private final ConnectionLimit limit;
    private final Phase phase = new Phase();
    private final List<LoopListener> loops = new CopyOnWriteArrayList<>();
    private final LoopsFollower follower = new LoopsFollower(loops);
    private volatile @Nullable String deployment;
    private final @Nullable Certificates certificates;
    private final @Nullable CertificateReloader reloader;
    private volatile @Nullable Acceptor acceptor;
    private volatile @Nullable Acceptor tlsAcceptor;
    private volatile @Nullable PassedSockets inherited;
    private volatile @Nullable Channel offer;
    private volatile boolean yielded;

    /**
     * @param targets by pool name
     * @param clock tells what time it is for people
     * @param nanoTime monotonic
     */
    public TrafficListener(
            Vertx vertx,
            ListenerSettings settings,
            RouteTable routes,
            Map<String, ForwardingTarget> targets,
            ExchangeObserver observer,
            Clock clock,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.settings = settings;
        this.routing = new LiveRouting(new Routing(routes, targets, new RateLimiters(routes, nanoTime)));
        this.observer = observer;
        this.nanoTime = nanoTime;
        this.workers = vertx.createSharedWorkerExecutor("sluice-files", WORKERS);
        this.share = new ListenerShare(
                new ReplayMemory(settings.replayMemoryBytes()),
                new MemoryLimit(
                        settings.forwarder().maxBufferedBytes(), PooledByteBufAllocator.DEFAULT::pinnedDirectMemory),
                new RunningRequests(),
                phase::isStopping,
                this::onWorker,
                clock);
        this.limit = new ConnectionLimit(
                settings.maxConnections(), settings.clientLimits().maxConnections());
        follower.follow(targets.values());
        TlsSettings tls = settings.protocols().tls();
        this.certificates = tls == null ? null : new Certificates(tls);
        this.reloader = tls == null || certificates == null
                ? null
                : new CertificateReloader(vertx, certificates, "listener.tls", tls.reloadInterval());
    }

    @Override
    public String name() {
        return "traffic listener";
    }

    @Override
    public Future<Void> start() {
        int instances = settings.eventLoops() == 0 ? Runtime.getRuntime().availableProcessors() : settings.eventLoops();
        Future<Void> ready = reloader == null ? Future.succeededFuture() : reloader.start();
        return ready.compose(loaded -> loadCodings())
                .compose(loaded -> vertx.deployVerticle(this::newLoop, new DeploymentOptions().setInstances(instances)))
                .compose(id -> {
                    deployment = id;
                    return listen();
                })
                .onComplete(listening -> closeUnused())
                .recover(cause -> stop().transform(stopped -> Future.failedFuture(cause)));
    }

    private Future<Void> loadCodings() {
        boolean compresses = routing.now().table().routes().stream()
                .anyMatch(route -> route.rules().compression() != null);
        if (!compresses) {
            return Future.succeededFuture();
        }
        return vertx.executeBlocking(() -> {
                    ContentCodings.load();
                    return true;
                })
                .mapEmpty();
    }

    private Future<Void> listen() {
        Future<Void> plain = settings.port() == ListenerSettings.NO_PORT
                ? Future.succeededFuture()
                : listen("listener.port", settings.port(), false)
                        .onSuccess(listening -> acceptor = listening)
                        .mapEmpty();
        TlsSettings tls = settings.protocols().tls();
        if (tls == null) {
            return plain;
        }
        return plain.compose(listening -> listen("listener.tls.port", tls.port(), true))
                .onSuccess(listening -> tlsAcceptor = listening)
                .mapEmpty();
    }

    private void closeUnused() {
        PassedSockets passed = inherited;
        inherited = null;
        if (passed != null) {
            passed.close();
        }
    }

    private Future<Acceptor> listen(String setting, int port, boolean tls) {
        InetSocketAddress address = new InetSocketAddress(settings.host(), port);
        PassedSockets passed = inherited;
        List<LoopListener> own = List.copyOf(loops);
        return Optional.ofNullable(passed)
                .flatMap(sockets -> sockets.take(address))
                .map(socket -> Acceptor.listen(socket, tls, own))
                .orElseGet(() -> Acceptor.listen((VertxInternal) vertx, address, tls, own))
                .recover(cause -> Future.failedFuture(ListenException.of(setting, settings.host(), port, cause)));
    }

    private void onWorker(Runnable task) {
        workers.executeBlocking(
                        () -> {
                            task.run();
                            return true;
                        },
                        false)
                .onFailure(bug -> LOG.error("a worker failed", bug));
    }

    private LoopListener newLoop() {
        LoopListener loop = new LoopListener(settings, this::newForwarder, limit, phase, certificates, nanoTime);
        loops.add(loop);
        return loop;
    }

    private Forwarder newForwarder(Bootstrap client) {
        return new Forwarder(client, settings.forwarder(), routing, share, observer, nanoTime);
    }

    /** The port for clients without TLS; 0 before the start, and when there is none. */
    public int port() {
        return port(acceptor);
    }

    /** The port for clients with TLS; 0 before the start, and when there is none. */
    public int tlsPort() {
        return port(tlsAcceptor);
    }

    private static int port(@Nullable Acceptor listening) {
        return listening == null ? 0 : listening.port();
    }

    /** What clients with TLS are shown; absent without TLS. */
    public Optional<Certificates> certificates() {
        return Optional.ofNullable(certificates);
    }

    /** Open client connections. */
    public int connections() {
        return limit.open();
    }

    /** Client connections, also those that are gone or were refused. */
    public ConnectionCounts connectionCounts() {
        return limit.counts();
    }

    /** Bytes in buffers, of all connections of this process. */
    public long bufferedBytes() {
        return share.memory().usedBytes();
    }

    /** Bytes of request bodies that are kept for a retry. */
    public long replayBytes() {
        return share.replayMemory().usedBytes();
    }

    /** The routes in force. */
    public RouteTable routes() {
        return routing.now().table();
    }

    /** The zones of rate limits. */
    public Collection<RateLimiter> rateLimiters() {
        return routing.now().limiters().all();
    }

    /**
     * Replaces the routes for every request that arrives after this; what runs keeps the route it has. Any thread, one at a time.
     *
     * @param targets by pool name
     */
    public void route(RouteTable table, Map<String, ForwardingTarget> targets) {
        Routing before = routing.now();
        follower.follow(targets.values());
        routing.set(new Routing(table, targets, before.limiters().of(table)));
        follower.keepOnly(targets.values());
        follower.forgetOldTransports(before.targets(), targets);
    }

    /** From now on each response ends its connection; completes when the settings' lame-duck time is over. */
    public Future<Void> startLameDuck() {
        phase.stop();
        loops.forEach(LoopListener::announceEnd);
        if (settings.lameDuck().isZero() || yielded) {
            return Future.succeededFuture();
        }
        Promise<Void> over = Promise.promise();
        vertx.setTimer(settings.lameDuck().toMillis(), tick -> over.complete());
        return over.future();
    }

    /** Before the start: listens with these where they fit, instead of opening its own. */
    public void inherit(PassedSockets sockets) {
        inherited = sockets;
    }

    /** Offers its listening sockets to another process, which finds them there; needs {@link PassedSockets#arePossible}. */
    public Future<Void> offerSockets(Path path) {
        return PassedSockets.offer(loops.get(0).loop(), path, this::sockets)
                .onSuccess(listening -> offer = listening)
                .mapEmpty();
    }

    private List<Channel> sockets() {
        return Stream.of(Optional.ofNullable(acceptor), Optional.ofNullable(tlsAcceptor))
                .flatMap(Optional::stream)
                .map(Acceptor::channel)
                .toList();
    }

    /** Leaves the listening sockets to another process that has them too. From then on each response ends its connection. */
    public Future<Void> yieldSockets() {
        phase.endConnections();
        loops.forEach(LoopListener::announceEnd);
        yielded = true;
        return stopAccepting();
    }

    /**
     * Completes when all connections have ended, as they do after {@link #yieldSockets}: those that nothing runs on with the keep-alive timeout at
     * the latest. What runs then is left to {@link #stop()}.
     */
    public Future<Void> connectionsEnded() {
        Promise<Void> over = Promise.promise();
        long last = nanoTime.getAsLong() + settings.keepAliveTimeout().toNanos();
        vertx.setPeriodic(LOOK_MILLIS, timer -> {
            if (connections() == 0 || nanoTime.getAsLong() - last > 0) {
                vertx.cancelTimer(timer);
                over.complete();
            }
        });
        return over.future();
    }

    private Future<Void> stopAccepting() {
        return closeOffer().compose(closed -> close(acceptor)).compose(closed -> close(tlsAcceptor));
    }

    private Future<Void> closeOffer() {
        Channel offered = offer;
        if (offered == null) {
            return Future.succeededFuture();
        }
        Promise<Void> promise = Promise.promise();
        offered.close().addListener(closed -> promise.complete());
        return promise.future();
    }

    @Override
    public Future<Void> stop() {
        phase.stop();
        String running = deployment;
        deployment = null;
        closeUnused();
        return stopAccepting()
                .compose(closed -> running == null ? Future.<Void>succeededFuture() : vertx.undeploy(running))
                .eventually(() -> reloader == null ? Future.succeededFuture() : reloader.stop())
                .eventually(workers::close);
    }

    private static Future<Void> close(@Nullable Acceptor listening) {
        return listening == null ? Future.succeededFuture() : listening.close();
    }
}
