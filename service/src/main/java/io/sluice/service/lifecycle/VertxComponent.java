package io.sluice.service.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * A {@link Component} with a Vert.x of its own, which closes after it has stopped, or failed to start. Its futures belong to no context of
 * that Vert.x: one that did would never complete, as its event loop is gone by then.
 */
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
        Promise<Void> started = Promise.promise();
        inner.start()
                .onSuccess(started::complete)
                .onFailure(failure -> vertx.close().onComplete(closed -> started.fail(failure)));
        return started.future();
    }

    @Override
    public Future<Void> stop() {
        Promise<Void> stopped = Promise.promise();
        inner.stop()
                .onComplete(ended -> vertx.close().onComplete(closed -> {
                    if (ended.succeeded()) {
                        stopped.handle(closed);
                    } else {
                        stopped.fail(ended.cause());
                    }
                }));
        return stopped.future();
    }
}
