package io.sluice.rollout.driver;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;

/** Timers on one Vert.x context. */
final class VertxTimers implements Timers {
    private final Vertx vertx;
    private final Context context;
    private final WorkerExecutor files;

    VertxTimers(Vertx vertx, WorkerExecutor files) {
        this.files = files;
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
    }

    @Override
    public void run(Runnable task) {
        context.runOnContext(unused -> task.run());
    }

    @Override
    public Runnable after(Duration delay, Runnable task) {
        long id = vertx.setTimer(Math.max(1, delay.toMillis()), fired -> run(task));
        return () -> vertx.cancelTimer(id);
    }

    @Override
    public Future<Void> blocking(Runnable task) {
        return files.executeBlocking(() -> {
            task.run();
            return null;
        });
    }
}
