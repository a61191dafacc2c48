package io.sluice.service.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** A {@link Component} with a Vert.x of its own, which closes after it has stopped, or failed to start. */
public final class VertxComponent implements Component {
    private final Vertx vertx;
    private final Component inner;

    public VertxComponent(Vertx vertx, Component inner) {
        this.vertx = vertx;
        this.inner = inner;
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public Future<Void> start() {
        return inner.start().recover(failure -> vertx.close().transform(closed -> Future.failedFuture(failure)));
    }

    @Override
    public Future<Void> stop() {
        return inner.stop().eventually(vertx::close);
    }
}
