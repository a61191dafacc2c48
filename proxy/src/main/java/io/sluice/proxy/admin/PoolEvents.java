package io.sluice.proxy.admin;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.service.admin.EventStream;
import io.sluice.service.json.Json;

/** Publishes what happens to pools as server-sent events. */
final class PoolEvents implements PoolChangeListener {
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

    record ObservedBackend(String pool, io.sluice.proxy.api.BackendView backend) {}

    private synchronized void publish(String name, Object data) {
        stream.publish(++lastId, name, Json.write(data));
    }
}
