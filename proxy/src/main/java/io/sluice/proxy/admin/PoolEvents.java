package io.sluice.proxy.admin;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.pool.RoutesState;
import io.sluice.proxy.pool.StructureListener;
import io.sluice.service.admin.EventStream;
import io.sluice.service.json.Json;

/** Publishes what happens to pools and routes as server-sent events. */
final class PoolEvents implements PoolChangeListener, StructureListener {
    private final EventStream stream;
    private final PoolViews views;

    @GuardedBy("this")
    private long lastId;

    /** @param startAfter ids up to this are spent; above all that an earlier process may have given */
    PoolEvents(EventStream stream, PoolViews views, long startAfter) {
        this.stream = stream;
        this.views = views;
        this.lastId = startAfter;
        stream.startAfter(startAfter);
    }

    @Override
    public void poolChanged(BackendPool pool, PoolSnapshot before, PoolSnapshot now) {
        publish("pool-changed", views.pool(now));
    }

    @Override
    public void backendObserved(BackendPool pool, Backend backend) {
        publish("backend-observed", new ObservedBackend(pool.name(), views.backend(pool.snapshot(), backend)));
    }

    @Override
    public void drainStarted(BackendPool pool, DrainOperation drain) {
        publish("drain-started", drain);
    }

    @Override
    public void drainEnded(BackendPool pool, DrainOperation drain) {
        publish("drain-ended", drain);
    }

    @Override
    public void poolAdded(BackendPool pool) {
        publish("pool-added", views.pool(pool.snapshot()));
    }

    @Override
    public void poolRemoved(BackendPool pool) {
        publish("pool-removed", new RemovedPool(pool.name()));
    }

    @Override
    public void routesChanged(RoutesState routes) {
        publish("routes-changed", new ChangedRoutes(routes.revision()));
    }

    record RemovedPool(String pool) {}

    record ChangedRoutes(long revision) {}

    record ObservedBackend(String pool, io.sluice.proxy.api.BackendView backend) {}

    private synchronized void publish(String name, Object data) {
        stream.publish(++lastId, name, Json.write(data));
    }
}
