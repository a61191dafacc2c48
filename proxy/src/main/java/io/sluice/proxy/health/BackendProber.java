package io.sluice.proxy.health;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.ProbeReport;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks one incarnation of a backend, over one connection that is kept open between the checks: when the backend's process ends, that
 * connection does, and the pool learns at once that what it knew may be over. Runs on one context.
 *
 * <p>While the backend is held, a refusal does not count as a failure: an instance in a drain says 503 by its own contract, and the one who
 * holds it wants it back as soon as the hold is gone.
 */
final class BackendProber {
    /** After a failed check; doubled up to the interval, so that one that comes back is noticed soon. */
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);

    private static final double JITTER = 0.1;
    private static final Logger LOG = LoggerFactory.getLogger(BackendProber.class);

    private final Vertx vertx;
    private final BackendPool pool;
    private final Backend backend;
    private final ProbeSettings settings;
    private final ProbeClient client;
    private final HealthObserver observer;
    private final HealthJudge judge;
    private final ProbeHistory history;

    private @Nullable HttpClientConnection connection;
    /** The backend's doubts before that connection, or the one that is being opened, was opened. */
    private long answeredDoubts;

    private boolean verifiedBefore;
    private long lastVerification;
    private boolean probing;
    private boolean again;
    private boolean stopped;
    private long timer = -1;

    /** @param before the one with other settings that did this; absent when nobody did */
    BackendProber(
            Vertx vertx,
            BackendPool pool,
            Backend backend,
            ProbeSettings settings,
            ProbeClient client,
            HealthObserver observer,
            Clock clock,
            @Nullable BackendProber before) {
        this.vertx = vertx;
        this.pool = pool;
        this.backend = backend;
        this.settings = settings;
        this.client = client;
        this.observer = observer;
        Health known = backend.observation().health();
        this.judge = before != null && settings.asksTheSameAs(before.settings)
                ? before.judge.with(settings.rise(), settings.fall(), known)
                : new HealthJudge(settings.rise(), settings.fall(), known);
        this.history = before == null ? new ProbeHistory(clock) : before.history;
    }

    ProbeHistory history() {
        return history;
    }

    /** Checks now, or once more as soon as the running check has ended. */
    void probeNow() {
        if (stopped) {
            return;
        }
        if (probing) {
            again = true;
            return;
        }
        vertx.cancelTimer(timer);
        probing = true;
        long startedAt = client.nanoTime();
        long doubts = backend.doubts();
        HttpClientConnection open = connection;
        if (open != null && answeredDoubts == doubts) {
            probe(open);
            return;
        }
        if (open != null) {
            // It may lead to a process that is being replaced.
            connection = null;
            open.close();
        }
        long giveUp = vertx.setTimer(settings.timeout().toMillis(), late -> {
            if (probing && connection == null) {
                connectFailed(client.failed(startedAt, "no connection in time"));
            }
        });
        client.connect(backend).onComplete(connected -> {
            vertx.cancelTimer(giveUp);
            connected(connected, startedAt, doubts);
        });
    }

    /** Checks as soon as its process is in doubt; at most each {@link #FIRST_RETRY}, as it may close every connection after its answer. */
    void verify() {
        if (stopped) {
            return;
        }
        if (probing) {
            again = true;
            return;
        }
        long now = client.nanoTime();
        long wait = verifiedBefore ? FIRST_RETRY.toNanos() - (now - lastVerification) : 0;
        if (wait <= 0) {
            verifiedBefore = true;
            lastVerification = now;
            probeNow();
        } else {
            vertx.cancelTimer(timer);
            timer = vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait)), due -> verify());
        }
    }

    private void connected(AsyncResult<HttpClientConnection> result, long startedAt, long doubts) {
        HttpClientConnection open = result.result();
        if (open != null && (stopped || !probing || connection != null)) {
            open.close();
        } else if (open != null) {
            answeredDoubts = doubts;
            keep(open);
            probe(open);
        } else if (probing) {
            connectFailed(client.failed(startedAt, ProbeClient.reason(result.cause())));
        }
    }

    private void connectFailed(ProbeResult result) {
        pool.reportUnverified(backend, "connect failed: " + ProbeClient.describe(result));
        ended(ProbeClient.Outcome.failed(result), backend.doubts());
    }

    private void keep(HttpClientConnection open) {
        connection = open;
        open.exceptionHandler(ignored -> {});
        open.closeHandler(closed -> {
            if (connection == open) {
                connection = null;
                lost();
            }
        });
    }

    /** The backend closed the connection unannounced: its process may have ended, and another one may be there already. */
    private void lost() {
        if (!stopped) {
            pool.reportUnverified(backend, "its health connection was closed");
            if (!probing) {
                verify();
            }
            // Otherwise the running check fails, or its answer says nothing about what came after.
        }
    }

    private void probe(HttpClientConnection open) {
        long doubts = answeredDoubts;
        client.probe(open, backend, settings.path(), settings).onComplete(done -> {
            ProbeClient.Outcome outcome = done.result();
            if (!outcome.reusable() && connection == open) {
                // Announced or caused by us: no sign of a restart.
                connection = null;
                open.close();
            }
            ended(outcome, doubts);
        });
    }

    private void ended(ProbeClient.Outcome outcome, long doubts) {
        probing = false;
        if (stopped) {
            return;
        }
        ProbeResult result = outcome.result();
        observer.probed(backend, result.passed());
        conclude(outcome, doubts, result.passed() ? judge::passed : judge::failed);
        boolean asked = again;
        again = false;
        if (result.passed() && (asked || doubts != backend.doubts())) {
            verify();
        } else {
            schedule(outcome);
        }
    }

    /** What somebody else's check found. */
    void heard(ProbeClient.Outcome outcome, long doubts) {
        if (!stopped && outcome.result().passed()) {
            conclude(outcome, doubts, judge::vouched);
        }
    }

    private void conclude(ProbeClient.Outcome outcome, long doubts, Supplier<Health> verdict) {
        ProbeResult result = outcome.result();
        Health before = judge.health();
        boolean refusedWhileHeld = !result.passed() && backend.isClosed() && result.status() != null;
        Health health = refusedWhileHeld ? before : verdict.get();
        history.add(result);
        String detail = ProbeClient.describe(result);
        pool.report(
                backend,
                new ProbeReport(
                        result.passed(), health, result.configHash(), result.instanceId(), detail, outcome.drains()),
                doubts);
        if (health != before) {
            LOG.info("{}: {} -> {} ({})", backend, before, health, detail);
            observer.flipped(backend, health);
        }
    }

    private void schedule(ProbeClient.Outcome outcome) {
        long interval = settings.interval().toMillis();
        long delay = interval;
        if (!outcome.result().passed()) {
            int doublings = Math.min(judge.failures(), 10);
            delay = Math.min(interval, FIRST_RETRY.toMillis() << doublings);
        } else if (!outcome.reusable()) {
            delay = Math.min(interval, FIRST_RETRY.toMillis());
        }
        double moved = delay * (1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1));
        timer = vertx.setTimer(Math.max(1, Math.round(moved)), due -> probeNow());
    }

    void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
        HttpClientConnection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
