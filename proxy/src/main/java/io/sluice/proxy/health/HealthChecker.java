package io.sluice.proxy.health;

import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.tls.BackendTransport;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientConnection;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the backends of one pool for as long as they are in it, and whenever something speaks for asking at once: a new backend, a hold that
 * went, a backend that became unverified. All checks of a pool run on one event loop.
 */
public final class HealthChecker implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(HealthChecker.class);

    private final Vertx vertx;
    private final BackendPool pool;
    private final ProbeSettings settings;
    private final BackendTransport transport;
    private final HealthObserver observer;
    private final Clock clock;
    private final LongSupplier nanoTime;
    /** Written on the checker's loop alone. */
    private final Map<Backend, BackendProber> probers = new ConcurrentHashMap<>();

    /** Of the checker before this one, until there are own ones. */
    private final Map<Backend, BackendProber> before = new ConcurrentHashMap<>();

    private final PoolFollower follower = new PoolFollower();
    private volatile @Nullable Loop loop;
    private volatile boolean retired;
    private volatile @Nullable String deployment;

    /**
     * Checks of one pool.
     *
     * @param transport how its backends are spoken to
     * @param nanoTime monotonic
     */
    public HealthChecker(
            Vertx vertx,
            BackendPool pool,
            ProbeSettings settings,
            BackendTransport transport,
            HealthObserver observer,
            Clock clock,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.pool = pool;
        this.settings = settings;
        this.transport = transport;
        this.observer = observer;
        this.clock = clock;
        this.nanoTime = nanoTime;
        pool.addListener(follower);
    }

    /** Goes on counting where {@code other} is now, which checked the same backends with other settings. Before the start of this and the end of the other. */
    public HealthChecker after(HealthChecker other) {
        before.putAll(other.before);
        before.putAll(other.probers);
        return this;
    }

    @Override
    public String name() {
        return "health checks of " + pool.name();
    }

    @Override
    public Future<Void> start() {
        Loop own = new Loop();
        return vertx.deployVerticle(own).compose(id -> {
            deployment = id;
            loop = own;
            own.run(this::followPool);
            return retired ? stop() : Future.succeededFuture();
        });
    }

    /** Stops for good, and lets go of the pool. */
    public void retire() {
        retired = true;
        pool.removeListener(follower);
        stop().onFailure(cause -> LOG.warn("{} did not stop", name(), cause));
    }

    @Override
    public Future<Void> stop() {
        String running = deployment;
        deployment = null;
        loop = null;
        return running == null ? Future.succeededFuture() : vertx.undeploy(running);
    }

    /**
     * Sends one request to this backend on a connection of its own, held or not, and takes a pass of the health path as proof. Never fails.
     *
     * @param path absent: the pool's health path
     */
    public Future<ProbeResult> probe(Backend backend, @Nullable String path) {
        Promise<ProbeResult> done = Promise.promise();
        Loop own = loop;
        if (own == null) {
            return Future.succeededFuture(new ProbeResult(false, null, 0, null, null, "checks are not running"));
        }
        own.run(() -> own.probe(backend, path == null ? settings.path() : path).onComplete(done));
        return done.future();
    }

    /** The last checks of a backend, newest first. */
    public List<ProbeRecord> history(Backend backend) {
        BackendProber prober = probers.getOrDefault(backend, before.get(backend));
        return prober == null ? List.of() : prober.history().newestFirst();
    }

    /** Brings the probers in line with the pool: a change may have been announced before there was a loop to hear it. */
    private void followPool() {
        Loop own = loop;
        if (own == null) {
            return;
        }
        List<Backend> now = pool.snapshot().backends();
        probers.entrySet().removeIf(each -> {
            boolean gone = !now.contains(each.getKey());
            if (gone) {
                each.getValue().stop();
            }
            return gone;
        });
        if (settings.on()) {
            now.forEach(own::check);
        }
        before.clear();
    }

    private final class Loop extends VerticleBase {
        private final ProbeClient client = new ProbeClient(HealthChecker.this.vertx, transport, nanoTime);
        private @Nullable Context own;

        @Override
        public Future<?> start() {
            own = context;
            return Future.succeededFuture();
        }

        void run(Runnable action) {
            Context mine = own;
            if (mine != null) {
                mine.runOnContext(now -> action.run());
            }
        }

        void check(Backend backend) {
            if (!probers.containsKey(backend)) {
                BackendProber prober =
                        new BackendProber(vertx, pool, backend, settings, client, observer, clock, before.get(backend));
                probers.put(backend, prober);
                prober.probeNow();
            }
        }

        Future<ProbeResult> probe(Backend backend, String path) {
            long startedAt = client.nanoTime();
            long doubts = backend.doubts();
            Promise<ProbeResult> done = Promise.promise();
            long giveUp = vertx.setTimer(
                    settings.timeout().toMillis() * 2,
                    late -> done.tryComplete(client.failed(startedAt, "no connection in time")));
            client.connect(backend)
                    .compose(connection -> probeOnce(connection, backend, path, doubts))
                    .otherwise(cause -> client.failed(startedAt, ProbeClient.reason(cause)))
                    .onComplete(result -> {
                        vertx.cancelTimer(giveUp);
                        done.tryComplete(result.result());
                    });
            return done.future();
        }

        private Future<ProbeResult> probeOnce(
                HttpClientConnection connection, Backend backend, String path, long doubts) {
            connection.exceptionHandler(ignored -> {});
            return client.probe(connection, backend, path, settings).map(outcome -> {
                connection.close();
                BackendProber prober = probers.get(backend);
                if (prober != null && path.equals(settings.path())) {
                    prober.heard(outcome, doubts);
                }
                return outcome.result();
            });
        }

        @Override
        public Future<?> stop() {
            probers.values().forEach(BackendProber::stop);
            probers.clear();
            client.close();
            return Future.succeededFuture();
        }
    }

    /** Called on any thread; acts on the checker's loop. */
    private final class PoolFollower implements PoolChangeListener {
        @Override
        public void backendAdded(BackendPool changed, Backend backend) {
            onLoop(HealthChecker.this::followPool);
        }

        @Override
        public void backendRetired(BackendPool changed, Backend backend) {
            onLoop(HealthChecker.this::followPool);
        }

        @Override
        public void backendHeld(BackendPool changed, Backend backend, boolean held) {
            if (!held) {
                onLoop(() -> probeNow(backend));
            }
        }

        @Override
        public void backendObserved(BackendPool changed, Backend backend) {
            if (backend.isUnverified()) {
                onLoop(() -> verify(backend));
            }
        }

        private void verify(Backend backend) {
            BackendProber prober = probers.get(backend);
            if (prober != null && backend.isUnverified()) {
                prober.verify();
            }
        }

        private void probeNow(Backend backend) {
            BackendProber prober = probers.get(backend);
            if (prober != null) {
                prober.probeNow();
            }
        }

        private void onLoop(Runnable action) {
            Loop running = loop;
            if (running != null) {
                running.run(action);
            }
        }
    }
}
