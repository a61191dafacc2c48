package io.sluice.instance;

import io.sluice.instance.drain.Timer;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Vert.x's timers. */
record VertxTimer(Vertx vertx) implements Timer {
    @Override
    public Runnable after(Duration delay, Runnable action) {
        long id = vertx.setTimer(Math.max(1, delay.toMillis()), fired -> action.run());
        return () -> vertx.cancelTimer(id);
    }
}
