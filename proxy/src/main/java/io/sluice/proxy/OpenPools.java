package io.sluice.proxy;

import io.sluice.proxy.observe.AccessLog;
import io.sluice.proxy.pool.Pools;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import org.jspecify.annotations.Nullable;

/** What is open before anything starts, and closes after everything has stopped. */
record OpenPools(Pools pools, @Nullable AccessLog log, Metrics metrics, WorkerExecutor worker) implements Component {
    @Override
    public String name() {
        return "pools";
    }

    @Override
    public Future<Void> start() {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
        return worker.executeBlocking(() -> {
                    pools.close();
                    if (log != null) {
                        log.close();
                    }
                    metrics.close();
                    return true;
                })
                .eventually(worker::close)
                .mapEmpty();
    }
}
