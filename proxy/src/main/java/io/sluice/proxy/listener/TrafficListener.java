package io.sluice.proxy.listener;

import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.Forwarder;
import io.sluice.proxy.forward.ForwardingTarget;
import io.sluice.proxy.forward.ReplayMemory;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.route.RouteTable;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ListenException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The public listener: one port, one event loop per core. Stopping is graceful: after {@link #startLameDuck()} every response ends its connection
 * and the health check says 503, while new connections are still served; {@link #stop()} then refuses new ones and waits for what runs.
 */
public final class TrafficListener implements Component {
    /** Makes the forwarder of one event loop, on that loop. */
    interface ForwarderFactory {
        Forwarder create(Vertx vertx);
    }

    /** Whether the listener is on its way out; read for every request. */
    static final class Phase {
        private volatile boolean stopping;

        boolean isStopping() {
            return stopping;
        }
    }

    /** Vert.x shares a free port among servers that ask for the same negative one. */
    private static final AtomicInteger FREE_PORTS = new AtomicInteger();

    private final Vertx vertx;
    private final ListenerSettings settings;
    private final RouteTable routes;
    private final Map<String, ForwardingTarget> targets;
    private final ExchangeObserver observer;
    private final LongSupplier nanoTime;
    private final ReplayMemory replayMemory;
    private final ConnectionLimit limit;
    private final Phase phase = new Phase();
    private final List<LoopListener> loops = new CopyOnWriteArrayList<>();
    private volatile @Nullable String deployment;

    /**
     * @param targets by pool name
     * @param nanoTime monotonic
     */
    public TrafficListener(
            Vertx vertx,
            ListenerSettings settings,
            RouteTable routes,
            Map<String, ForwardingTarget> targets,
            ExchangeObserver observer,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.settings = settings;
        this.routes = routes;
        this.targets = Map.copyOf(targets);
        this.observer = observer;
        this.nanoTime = nanoTime;
        this.replayMemory = new ReplayMemory(settings.replayMemoryBytes());
        this.limit = new ConnectionLimit(settings.maxConnections());
        targets.values().forEach(target -> target.pool().pool().addListener(new PoolFollower()));
    }

    @Override
    public String name() {
        return "traffic listener";
    }

    @Override
    public Future<Void> start() {
        int port = settings.port() == 0 ? -FREE_PORTS.incrementAndGet() : settings.port();
        int instances = settings.eventLoops() == 0 ? Runtime.getRuntime().availableProcessors() : settings.eventLoops();
        return vertx.deployVerticle(() -> newLoop(port), new DeploymentOptions().setInstances(instances))
                .onSuccess(id -> deployment = id)
                .recover(cause -> Future.failedFuture(
                        ListenException.of("listener.port", settings.host(), settings.port(), cause)))
                .mapEmpty();
    }

    private LoopListener newLoop(int port) {
        LoopListener loop = new LoopListener(settings, port, this::newForwarder, limit, phase, nanoTime);
        loops.add(loop);
        return loop;
    }

    private Forwarder newForwarder(Vertx loop) {
        return new Forwarder(loop, settings.forwarder(), routes, targets, replayMemory, observer, nanoTime);
    }

    /** The port that clients use; 0 before the start. */
    public int port() {
        return loops.isEmpty() ? 0 : loops.get(0).port();
    }

    /** Open client connections. */
    public int connections() {
        return limit.open();
    }

    /** Bytes of request bodies that are kept for a retry. */
    public long replayBytes() {
        return replayMemory.usedBytes();
    }

    /** From now on each response ends its connection; completes when the settings' lame-duck time is over. */
    public Future<Void> startLameDuck() {
        phase.stopping = true;
        if (settings.lameDuck().isZero()) {
            return Future.succeededFuture();
        }
        Promise<Void> over = Promise.promise();
        vertx.setTimer(settings.lameDuck().toMillis(), tick -> over.complete());
        return over.future();
    }

    @Override
    public Future<Void> stop() {
        phase.stopping = true;
        String running = deployment;
        deployment = null;
        return running == null ? Future.succeededFuture() : vertx.undeploy(running);
    }

    /** Tells the event loops what they have to know about changes of a pool. */
    private final class PoolFollower implements PoolChangeListener {
        @Override
        public void backendRetired(BackendPool pool, Backend backend) {
            loops.forEach(loop -> loop.closeIdle(backend));
        }

        @Override
        public void backendHeld(BackendPool pool, Backend backend, boolean held) {
            if (held) {
                loops.forEach(loop -> loop.closeIdle(backend));
            }
        }

        @Override
        public void backendObserved(BackendPool pool, Backend backend) {
            loops.forEach(LoopListener::wakeWaiting);
        }

        @Override
        public void poolChanged(BackendPool pool, PoolSnapshot before, PoolSnapshot now) {
            loops.forEach(LoopListener::wakeWaiting);
        }
    }
}
