package io.sluice.proxy.health;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.BreakerState;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuit breaker of each backend in a pool. It opens (the backend is ejected) after {@code max-fails} failures within {@code
 * fail-timeout}, or when too great a share of the answers within a window are failures. After {@code fail-timeout} it is half open: one request
 * at a time gets through as a trial, and the first that is answered closes it, the first that fails opens it again, for longer. The numbers are nginx's, as
 * is the trial; other than there, failures age out, a connection that was closed while idle is no failure (its kinds never arrive here), and the
 * last backend that serves is never put aside.
 */
public final class FailureCounter implements PassiveHealth {
    private static final Logger LOG = LoggerFactory.getLogger(FailureCounter.class);

    /** How long after its end a trial's outcome may arrive. It does so in the same turn of the event loop, unless the client left. */
    private static final long VERDICT_MILLIS = 10;

    private static final class Count {
        private int failures;
        private long firstAt;
    }

    /** What a backend's own counts were when the window began. */
    private static final class Window {
        private final long since;
        private final long requests;
        private final long failures;
        /** The last count that was judged. */
        private volatile long judged;

        Window(Backend backend, long since) {
            this.since = since;
            // The failure that opens the window is in these already.
            this.requests = backend.requests() - 1;
            this.failures = backend.failures() - 1;
        }
    }

    private final Vertx vertx;
    private final BackendPool pool;
    private final PassiveSettings settings;
    private final HealthObserver observer;
    private final Clock clock;
    private final LongSupplier nanoTime;

    /** Written under this object's lock; one of those with an open or half open breaker is always in it. */
    private final Map<Backend, Count> counts = new ConcurrentHashMap<>();

    /** Written under this object's lock. */
    private final Map<Backend, Window> windows = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private final Ejections ejections;

    /** @param nanoTime monotonic */
    public FailureCounter(
            Vertx vertx,
            BackendPool pool,
            PassiveSettings settings,
            HealthObserver observer,
            Clock clock,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.pool = pool;
        this.settings = settings;
        this.observer = observer;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.ejections = new Ejections(pool, settings.ejection(), settings.failTimeout());
        // Breakers that another counter of this pool has opened.
        for (Backend backend : pool.snapshot().backends()) {
            if (backend.breaker() != BreakerState.CLOSED) {
                counts.put(backend, new Count());
            }
        }
        pool.onTrialEnd(this::trialEnded);
    }

    @Override
    public void succeeded(Backend backend) {
        answered(backend, true);
    }

    @Override
    public void succeeded(Lease lease) {
        answered(lease.backend(), lease.isTrial());
    }

    @Override
    public void failed(Backend backend, String why) {
        failed(backend, true, why);
    }

    @Override
    public void failed(Lease lease, String why) {
        failed(lease.backend(), lease.isTrial(), why);
    }

    private void answered(Backend backend, boolean mayBeTrial) {
        if (!counts.isEmpty() && counts.containsKey(backend)) {
            forgive(backend, mayBeTrial);
        }
        if (settings.errorRate().isOn() && hasNewFailures(backend)) {
            judgeRate(backend);
        }
    }

    private synchronized void forgive(Backend backend, boolean mayBeTrial) {
        switch (backend.breaker()) {
            case CLOSED -> counts.remove(backend);
            case OPEN -> {}
            case HALF_OPEN -> {
                if (mayBeTrial) {
                    close(backend);
                }
            }
        }
    }

    private synchronized void failed(Backend backend, boolean mayBeTrial, String why) {
        counts.keySet().removeIf(Backend::isRetired);
        windows.keySet().removeIf(Backend::isRetired);
        if (backend.isRetired()) {
            return;
        }
        switch (backend.breaker()) {
            case CLOSED -> {
                boolean tooMany = countOne(backend);
                if (rateIsReached(backend) || tooMany) {
                    open(backend, why);
                }
            }
            case OPEN -> {}
            case HALF_OPEN -> {
                if (mayBeTrial) {
                    open(backend, why);
                }
            }
        }
    }

    @GuardedBy("this")
    private boolean countOne(Backend backend) {
        if (settings.maxFails() == 0) {
            return false;
        }
        Count count = counts.computeIfAbsent(backend, first -> new Count());
        long now = nanoTime.getAsLong();
        if (count.failures == 0 || now - count.firstAt > settings.failTimeout().toNanos()) {
            count.failures = 0;
            count.firstAt = now;
        }
        count.failures++;
        return count.failures >= settings.maxFails();
    }

    private boolean hasNewFailures(Backend backend) {
        Window window = windows.get(backend);
        long failures = backend.failures();
        return window == null ? failures > 0 : failures != window.judged;
    }

    /** A 5xx that the client was given is an answer, but counts here. */
    private synchronized void judgeRate(Backend backend) {
        if (!backend.isRetired() && backend.breaker() == BreakerState.CLOSED && rateIsReached(backend)) {
            open(backend, "too many failures");
        }
    }

    @GuardedBy("this")
    private boolean rateIsReached(Backend backend) {
        ErrorRate rate = settings.errorRate();
        if (!rate.isOn()) {
            return false;
        }
        long now = nanoTime.getAsLong();
        Window window = windows.get(backend);
        if (window == null || now - window.since > rate.window().toNanos()) {
            window = new Window(backend, now);
            windows.put(backend, window);
        }
        window.judged = backend.failures();
        return rate.isReachedBy(window.judged - window.failures, backend.requests() - window.requests);
    }

    /** Who may not be ejected stays, or is let back in. */
    @GuardedBy("this")
    private void open(Backend backend, String why) {
        if (!ejections.mayEject(backend)) {
            if (backend.isOnTrial()) {
                close(backend);
            }
            return;
        }
        counts.computeIfAbsent(backend, first -> new Count());
        Duration time = ejections.begin(backend, nanoTime.getAsLong());
        LOG.warn("{}: ejected for {} ms after {}", backend, time.toMillis(), why);
        pool.eject(backend, clock.instant().plus(time), why);
        observer.ejected(backend);
        observer.breakerMoved(backend, BreakerState.OPEN);
        vertx.setTimer(Math.max(1, time.toMillis()), over -> offerTrial(backend));
    }

    @GuardedBy("this")
    private void close(Backend backend) {
        LOG.info("{}: closed its breaker", backend);
        counts.remove(backend);
        windows.remove(backend);
        ejections.ended(backend, nanoTime.getAsLong());
        pool.readmit(backend);
        observer.breakerMoved(backend, BreakerState.CLOSED);
    }

    private synchronized void offerTrial(Backend backend) {
        if (backend.breaker() == BreakerState.OPEN) {
            pool.offerTrial(backend);
            observer.breakerMoved(backend, BreakerState.HALF_OPEN);
        }
    }

    /** A trial whose client left shows nothing; then the next request is one. */
    private void trialEnded(Backend backend) {
        int trial = backend.trials();
        vertx.setTimer(VERDICT_MILLIS, late -> offerAnother(backend, trial));
    }

    private synchronized void offerAnother(Backend backend, int trial) {
        if (backend.isOnTrial() && backend.trials() == trial) {
            pool.offerTrial(backend);
        }
    }
}
