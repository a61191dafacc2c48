package io.sluice.rollout.store;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Is told of every boundary at which the process may die: before and after each write to disk and each action on the fleet. Tests halt
 * there; otherwise nothing happens.
 */
@FunctionalInterface
public interface CrashPoint {
    CrashPoint NONE = boundary -> {};

    void reached(String boundary);

    /** Runs {@code halt} at the {@code n}-th boundary (from 1), which should not return. */
    static CrashPoint at(long n, Runnable halt) {
        AtomicLong seen = new AtomicLong();
        return boundary -> {
            if (seen.incrementAndGet() == n) {
                halt.run();
            }
        };
    }
}
