package io.sluice.service.admin;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what connections cost: not more than so many, and none that keeps us waiting for a request head. An idle timeout alone would not
 * do, since a byte now and then resets it.
 */
final class ConnectionGuard implements Handler<RoutingContext> {
    private static final long BUSY = -1;

    private final Vertx vertx;
    private final int maxConnections;
    private final long headMillis;

    /** Each open connection with the timer that will close it, or {@link #BUSY}. */
    private final Map<HttpConnection, Long> connections = new ConcurrentHashMap<>();

    ConnectionGuard(Vertx vertx, int maxConnections, Duration headTimeout) {
        this.vertx = vertx;
        this.maxConnections = maxConnections;
        this.headMillis = headTimeout.toMillis();
    }

    void opened(HttpConnection connection) {
        if (connections.size() >= maxConnections) {
            connection.close();
            return;
        }
        connections.put(connection, timer(connection));
        connection.closeHandler(closed -> cancel(connections.remove(connection)));
    }

    /** A request head has arrived. */
    @Override
    public void handle(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        cancel(connections.replace(connection, BUSY));
        ctx.addEndHandler(ended -> connections.computeIfPresent(connection, (c, timer) -> timer(c)));
        ctx.next();
    }

    private long timer(HttpConnection connection) {
        return vertx.setTimer(headMillis, id -> connection.close());
    }

    private void cancel(@Nullable Long timer) {
        if (timer != null && timer != BUSY) {
            vertx.cancelTimer(timer);
        }
    }
}
