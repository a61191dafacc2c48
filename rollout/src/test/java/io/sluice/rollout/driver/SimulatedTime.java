package io.sluice.rollout.driver;

import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/** One thread and one clock for everything that is simulated; time passes only by running what is due next. */
final class SimulatedTime extends Clock {
    private record Task(Instant at, long order, Runnable body) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparing(Task::at).thenComparing(Task::order));
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private long order;

    void after(Duration delay, Runnable body) {
        tasks.add(new Task(now.plus(delay.isNegative() ? Duration.ZERO : delay), order++, body));
    }

    /** Runs what is due until {@code reached}; false when {@code limit} has passed before. */
    boolean runUntil(BooleanSupplier reached, Duration limit) {
        Instant end = now.plus(limit);
        while (!reached.getAsBoolean()) {
            Task next = tasks.poll();
            if (next == null || next.at().isAfter(end)) {
                return false;
            }
            now = next.at();
            try {
                next.body().run();
            } catch (SimulatedCrash gone) {
                // the life that ran this is gone; the rest of the world goes on
            }
        }
        return true;
    }

    void pass(Duration time) {
        Instant end = now.plus(time);
        after(time, () -> {});
        runUntil(() -> !now.isBefore(end), time);
    }

    /** The timers of one life: none of them fires any more once it is dead. */
    Timers of(Life life) {
        return new Timers() {
            @Override
            public void run(Runnable task) {
                after(Duration.ZERO, task);
            }

            @Override
            public Runnable after(Duration delay, Runnable task) {
                boolean[] cancelled = new boolean[1];
                SimulatedTime.this.after(delay, () -> {
                    if (!cancelled[0] && life.isAlive()) {
                        task.run();
                    }
                });
                return () -> cancelled[0] = true;
            }

            @Override
            public Future<Void> blocking(Runnable task) {
                task.run();
                return Future.succeededFuture();
            }
        };
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    /** One life of the engine. */
    static final class Life {
        private boolean alive = true;

        boolean isAlive() {
            return alive;
        }

        void die() {
            alive = false;
        }
    }

    /** Unwinds the stack of a life that has just died. */
    static final class SimulatedCrash extends RuntimeException {
        SimulatedCrash() {
            super("killed", null, false, false);
        }
    }
}
