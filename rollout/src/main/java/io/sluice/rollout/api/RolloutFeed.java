package io.sluice.rollout.api;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import io.sluice.service.admin.EventStream;
import io.sluice.service.admin.ServerEvent;
import io.sluice.service.admin.Subscription;
import io.sluice.service.json.Json;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Everything that callers can wait for: one subscription to the engine, passed on to event streams and long polls, and remembered as far as
 * {@link #REMEMBERED} goes for the list of recent changes. The engine calls from its own thread, requests come on theirs; one lock guards
 * what is remembered, and it is never held while somebody is told.
 */
final class RolloutFeed {
    /** A rollout over five instances makes about a hundred changes. */
    static final int REMEMBERED = 2_000;

    private final RolloutEngine engine;
    private final EventStream stream;
    private final Clock clock;
    private final Vertx vertx;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Deque<ChangeView> changes = new ArrayDeque<>();

    /** By rollout: its last change since the start. */
    @GuardedBy("lock")
    private final Map<String, Last> last = new HashMap<>();

    @GuardedBy("lock")
    private final List<Waiter> waiters = new ArrayList<>();

    @GuardedBy("lock")
    private long startedAfter;

    private volatile Runnable unsubscribe = () -> {};

    private record Last(long sequence, boolean over) {}

    private record Waiter(String rollout, long version, Promise<Void> newer) {}

    RolloutFeed(Vertx vertx, RolloutEngine engine, EventStream stream, Clock clock) {
        this.vertx = vertx;
        this.engine = engine;
        this.stream = stream;
        this.clock = clock;
    }

    void start() {
        long sequence = engine.lastSequence();
        synchronized (lock) {
            startedAfter = sequence;
        }
        stream.startAfter(sequence);
        unsubscribe = engine.subscribe(this::accept);
    }

    void stop() {
        unsubscribe.run();
    }

    /** Changes of this rollout since the engine started, oldest first; old ones may be forgotten. */
    JournalView journal(String rollout) {
        synchronized (lock) {
            return new JournalView(
                    startedAfter,
                    changes.stream()
                            .filter(change -> change.rollout().equals(rollout))
                            .toList());
        }
    }

    /** Completes when the rollout has a version above {@code version}, at the latest after {@code wait}. */
    Future<Void> newer(String rollout, long version, Duration wait) {
        Promise<Void> newer = Promise.promise();
        Waiter waiter = new Waiter(rollout, version, newer);
        synchronized (lock) {
            waiters.add(waiter);
        }
        if (engine.find(rollout)
                .map(now -> now.version() > version || now.isOver())
                .orElse(true)) {
            newer.tryComplete();
        }
        // A hop to the caller's own context: the engine's is not to run other people's code.
        Promise<Void> onCaller = Promise.promise();
        Context context = vertx.getOrCreateContext();
        newer.future()
                .timeout(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS)
                .onComplete(done -> {
                    synchronized (lock) {
                        waiters.remove(waiter);
                    }
                    context.runOnContext(unused -> onCaller.complete());
                });
        return onCaller.future();
    }

    /** What a client that follows one rollout sees. */
    Subscription following(String id) {
        return new Subscription() {
            @Override
            public boolean includes(ServerEvent event) {
                return id.equals(event.topic());
            }

            @Override
            public List<ServerEvent> snapshot() {
                return engine.find(id)
                        .map(rollout -> List.of(RolloutFeed.this.snapshot(rollout)))
                        .orElse(List.of());
            }

            @Override
            public boolean isLast(ServerEvent event) {
                return isFinal(id, event.id()) && !event.name().equals("reset");
            }

            @Override
            public boolean isComplete(long lastEventId) {
                return lastEventId > 0 && isFinal(id, lastEventId);
            }
        };
    }

    /** What a client that follows everything sees. */
    Subscription followingAll() {
        return new Subscription() {
            @Override
            public List<ServerEvent> snapshot() {
                return engine.list().stream()
                        .filter(rollout -> !rollout.isOver())
                        .map(RolloutFeed.this::snapshot)
                        .toList();
            }
        };
    }

    private void accept(RolloutEvent event) {
        Rollout rollout = event.rollout();
        List<Promise<Void>> told = new ArrayList<>();
        synchronized (lock) {
            if (event.sequence() <= startedAfter) {
                return;
            }
            changes.addLast(ChangeView.of(event, clock.instant()));
            if (changes.size() > REMEMBERED) {
                changes.removeFirst();
            }
            last.put(rollout.id(), new Last(event.sequence(), rollout.isOver()));
            waiters.stream()
                    .filter(waiter -> waiter.rollout().equals(rollout.id()) && rollout.version() > waiter.version())
                    .forEach(waiter -> told.add(waiter.newer()));
        }
        String json = Json.write(RolloutView.of(rollout, event.changed()));
        stream.publish(new ServerEvent(event.sequence(), "rollout", json, rollout.id()));
        told.forEach(Promise::tryComplete);
    }

    private ServerEvent snapshot(Rollout rollout) {
        return new ServerEvent(engine.lastSequence(), "snapshot", Json.write(RolloutView.of(rollout)), rollout.id());
    }

    /** Whether nothing follows this event of the rollout. */
    private boolean isFinal(String id, long sequence) {
        synchronized (lock) {
            Last known = last.get(id);
            return known == null
                    ? sequence >= startedAfter
                            && engine.find(id).map(Rollout::isOver).orElse(true)
                    : known.over() && sequence >= known.sequence();
        }
    }
}
