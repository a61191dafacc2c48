package io.sluice.proxy.health;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.SlowStart;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Lets a backend's share of the load grow after it came in: when it is healthy for the first time or again after it was down, and when its
 * last hold went, since whoever held it has probably restarted it. Not after an ejection, which says nothing of a restart, and not when the
 * proxy itself starts. Thread-safe.
 */
public final class SlowStarter implements Component, PoolChangeListener {
    /** Steps in a window; more would not be told apart. */
    private static final int STEPS = 50;

    private static final long SHORTEST_STEP_MILLIS = 20;
    private static final int ALL = 1_000;

    private final Vertx vertx;
    private final BackendPool pool;
    private final SlowStart slowStart;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private final Set<Backend> well = new HashSet<>();

    /** When those that are warming up came in. */
    @GuardedBy("this")
    private final Map<Backend, Long> warming = new HashMap<>();

    @GuardedBy("this")
    private long timer = -1;

    @GuardedBy("this")
    private boolean stopped;

    /** @param nanoTime monotonic */
    public SlowStarter(Vertx vertx, BackendPool pool, SlowStart slowStart, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.pool = pool;
        this.slowStart = slowStart;
        this.nanoTime = nanoTime;
        for (Backend backend : pool.snapshot().backends()) {
            if (isWell(backend)) {
                well.add(backend);
            }
        }
        pool.addListener(this);
    }

    @Override
    public String name() {
        return "slow start of " + pool.name();
    }

    @Override
    public Future<Void> start() {
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Void> stop() {
        stopped = true;
        warming.clear();
        stopTimer();
        return Future.succeededFuture();
    }

    /** Stops for good: those that are warming up get their whole share. */
    public synchronized void retire() {
        pool.removeListener(this);
        warming.keySet().forEach(backend -> pool.ramp(backend, ALL));
        stop();
    }

    @Override
    public void backendAdded(BackendPool changed, Backend backend) {
        look(backend);
    }

    @Override
    public void backendObserved(BackendPool changed, Backend backend) {
        look(backend);
    }

    @Override
    public synchronized void backendHeld(BackendPool changed, Backend backend, boolean held) {
        if (!held && well.contains(backend)) {
            begin(backend);
        }
    }

    @Override
    public synchronized void backendRetired(BackendPool changed, Backend backend) {
        well.remove(backend);
        warming.remove(backend);
    }

    private static boolean isWell(Backend backend) {
        return !backend.isNew() && backend.observation().health() != Health.DOWN;
    }

    private synchronized void look(Backend backend) {
        if (!isWell(backend)) {
            well.remove(backend);
        } else if (well.add(backend)) {
            begin(backend);
        }
    }

    @GuardedBy("this")
    private void begin(Backend backend) {
        if (stopped || backend.isRetired()) {
            return;
        }
        warming.put(backend, nanoTime.getAsLong());
        pool.ramp(backend, slowStart.thousandths(Duration.ZERO));
        if (timer < 0) {
            long step = Math.max(SHORTEST_STEP_MILLIS, slowStart.window().toMillis() / STEPS);
            timer = vertx.setPeriodic(step, due -> step());
        }
    }

    private synchronized void step() {
        long now = nanoTime.getAsLong();
        warming.entrySet().removeIf(each -> {
            int thousandths = slowStart.thousandths(Duration.ofNanos(now - each.getValue()));
            pool.ramp(each.getKey(), thousandths);
            return thousandths == ALL;
        });
        if (warming.isEmpty()) {
            stopTimer();
        }
    }

    @GuardedBy("this")
    private void stopTimer() {
        if (timer >= 0) {
            vertx.cancelTimer(timer);
            timer = -1;
        }
    }
}
