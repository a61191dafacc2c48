package io.sluice.service.lifecycle;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Components that belong together. They start one after the other; when one fails, those already started are stopped in reverse and the
 * failure is passed on. They stop in reverse, each within its deadline: one that hangs or fails is logged and does not keep the others.
 */
public final class Lifecycle implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    private final Vertx timers;
    private final String name;
    private final List<Component> components;
    private final Duration stopDeadline;
    private final Deque<Component> started = new ArrayDeque<>();
    private final AtomicReference<@Nullable Future<Void>> stopping = new AtomicReference<>();

    /**
     * @param timers gives the deadlines; has to outlive the components
     * @param stopDeadline how long each component may take to stop
     */
    public Lifecycle(Vertx timers, String name, Duration stopDeadline, List<? extends Component> components) {
        this.timers = timers;
        this.name = name;
        this.stopDeadline = stopDeadline;
        this.components = List.copyOf(components);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Future<Void> start() {
        return startFrom(0, timers.getOrCreateContext())
                .recover(failure -> stop().transform(stopped -> Future.failedFuture(failure)));
    }

    @Override
    public Future<Void> stop() {
        Promise<Void> promise = Promise.promise();
        Future<Void> running = stopping.compareAndExchange(null, promise.future());
        if (running != null) {
            return running;
        }
        stopNext().onComplete(promise);
        return promise.future();
    }

    /**
     * @param context where all of them start: one that is ready may say so in its own, and what the next one deploys or sets a timer for would belong
     *     to it and end with it
     */
    private Future<Void> startFrom(int index, Context context) {
        if (index == components.size()) {
            return Future.succeededFuture();
        }
        Component component = components.get(index);
        Promise<Void> begun = Promise.promise();
        context.runOnContext(now -> guarded(component::start).onComplete(begun));
        return begun.future().compose(ready -> {
            synchronized (started) {
                started.push(component);
            }
            LOG.debug("{} started", component.name());
            return stopping.get() == null ? startFrom(index + 1, context) : abandon(component);
        });
    }

    /** The stop came while {@code component} started, and may have seen it or not. */
    private Future<Void> abandon(Component component) {
        boolean unseen;
        synchronized (started) {
            unseen = started.remove(component);
        }
        Future<Void> stopped = unseen ? stopInTime(component) : Future.succeededFuture();
        return stopped.compose(done -> Future.failedFuture(new StartException(name + " was stopped while it started")));
    }

    private Future<Void> stopNext() {
        Component component;
        synchronized (started) {
            component = started.poll();
        }
        return component == null
                ? Future.succeededFuture()
                : stopInTime(component).compose(done -> stopNext());
    }

    private Future<Void> stopInTime(Component component) {
        Promise<Void> done = Promise.promise();
        long timer = timers.setTimer(Math.max(1, stopDeadline.toMillis()), id -> {
            if (done.tryComplete()) {
                LOG.warn(
                        "{} did not stop within {} ms; going on without it", component.name(), stopDeadline.toMillis());
            }
        });
        guarded(component::stop).onComplete(result -> {
            timers.cancelTimer(timer);
            if (result.failed()) {
                LOG.warn("{} did not stop cleanly", component.name(), result.cause());
            }
            done.tryComplete();
        });
        return done.future();
    }

    private static Future<Void> guarded(Supplier<Future<Void>> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
