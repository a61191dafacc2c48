package io.sluice.proxy;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;

/**
 * Holds traffic back at start until every checked backend was heard of once, but not for long: a backend that a restart brought back
 * is eligible before anything was observed of it, and may run another configuration than it did.
 */
final class FirstChecks implements Component, PoolChangeListener {
    /** A healthy instance answers within milliseconds; one that does not may come later. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final List<BackendPool> checked;
    private final Promise<Void> heardOfAll = Promise.promise();

    FirstChecks(Vertx vertx, List<BackendPool> checked) {
        this.vertx = vertx;
        this.checked = checked;
        checked.forEach(pool -> pool.addListener(this));
    }

    @Override
    public String name() {
        return "first checks";
    }

    @Override
    public Future<Void> start() {
        long timer = vertx.setTimer(PATIENCE.toMillis(), late -> heardOfAll.tryComplete());
        look();
        return heardOfAll.future().onComplete(heard -> vertx.cancelTimer(timer));
    }

    @Override
    public void backendObserved(BackendPool pool, Backend backend) {
        if (!heardOfAll.future().isComplete()) {
            look();
        }
    }

    private void look() {
        boolean all = checked.stream()
                .flatMap(pool -> pool.snapshot().backends().stream())
                .allMatch(backend -> backend.observation().health() != Health.UNKNOWN);
        if (all) {
            heardOfAll.tryComplete();
        }
    }

    @Override
    public Future<Void> stop() {
        return Future.succeededFuture();
    }
}
