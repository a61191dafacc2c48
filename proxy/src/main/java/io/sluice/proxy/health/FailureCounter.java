package io.sluice.proxy.health;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.IdentityHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ejects a backend after {@code max-fails} failures within {@code fail-timeout}, for as long again; then it gets another try, and the first
 * failure ejects it anew. The idea and the two numbers are nginx's. Other than there, failures age out, a connection that was closed while idle
 * is no failure (its kinds never arrive here), and the last eligible backend is never ejected.
 */
public final class FailureCounter implements PassiveHealth {
    private static final Logger LOG = LoggerFactory.getLogger(FailureCounter.class);

    private static final class Count {
        int failures;
        long firstAt;
        boolean ejected;
        boolean onTrial;
    }

    private final Vertx vertx;
    private final BackendPool pool;
    private final HealthSettings settings;
    private final HealthObserver observer;
    private final Clock clock;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private final IdentityHashMap<Backend, Count> counts = new IdentityHashMap<>();

    /** Whether anybody has failed lately; spares the lock on the way of every good response. */
    private volatile boolean any;

    /** @param nanoTime monotonic */
    public FailureCounter(
            Vertx vertx,
            BackendPool pool,
            HealthSettings settings,
            HealthObserver observer,
            Clock clock,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.pool = pool;
        this.settings = settings;
        this.observer = observer;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    @Override
    public void succeeded(Backend backend) {
        if (any) {
            forgive(backend);
        }
    }

    private synchronized void forgive(Backend backend) {
        Count count = counts.get(backend);
        if (count != null && !count.ejected) {
            counts.remove(backend);
            any = !counts.isEmpty();
        }
    }

    @Override
    public void failed(Backend backend, String why) {
        if (settings.maxFails() > 0 && count(backend) && !backend.isRetired()) {
            eject(backend, why);
        }
    }

    /** Returns whether this was one too many. */
    private synchronized boolean count(Backend backend) {
        counts.keySet().removeIf(Backend::isRetired);
        Count count = counts.computeIfAbsent(backend, first -> new Count());
        any = true;
        long now = nanoTime.getAsLong();
        if (count.failures == 0 || now - count.firstAt > settings.failTimeout().toNanos()) {
            count.failures = 0;
            count.firstAt = now;
        }
        count.failures++;
        boolean due = !count.ejected && (count.onTrial || count.failures >= settings.maxFails());
        if (due && isLast(backend)) {
            return false;
        }
        count.ejected |= due;
        return due;
    }

    private boolean isLast(Backend backend) {
        return pool.snapshot().backends().stream().noneMatch(other -> other != backend && other.isEligible());
    }

    private void eject(Backend backend, String why) {
        LOG.warn(
                "{}: ejected for {} ms after {}",
                backend,
                settings.failTimeout().toMillis(),
                why);
        pool.eject(backend, clock.instant().plus(settings.failTimeout()), why);
        observer.ejected(backend);
        vertx.setTimer(settings.failTimeout().toMillis(), over -> letTryAgain(backend));
    }

    private void letTryAgain(Backend backend) {
        synchronized (this) {
            Count count = counts.get(backend);
            if (count != null) {
                count.ejected = false;
                count.onTrial = true;
                count.failures = 0;
            }
        }
        pool.readmit(backend);
    }
}
