package io.sluice.proxy.health;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.Health;

/** Turns a run of passed and failed checks into a health, by the thresholds {@code rise} and {@code fall}. Thread-safe. */
final class HealthJudge {
    private final int rise;
    private final int fall;

    @GuardedBy("this")
    private Health health;

    @GuardedBy("this")
    private int passes;

    @GuardedBy("this")
    private int failures;

    /** @param known what others found before; the thresholds count from there */
    HealthJudge(int rise, int fall, Health known) {
        this.rise = rise;
        this.fall = fall;
        this.health = known;
    }

    /** One with other thresholds that counts on. */
    HealthJudge with(int newRise, int newFall, Health known) {
        HealthJudge next = new HealthJudge(newRise, newFall, known);
        synchronized (this) {
            next.count(passes, failures);
        }
        return next;
    }

    private synchronized void count(int passedBefore, int failedBefore) {
        passes = passedBefore;
        failures = failedBefore;
    }

    synchronized Health health() {
        return health;
    }

    synchronized Health passed() {
        failures = 0;
        passes++;
        if (health == Health.UNKNOWN || passes >= rise) {
            health = Health.UP;
        }
        return health;
    }

    synchronized Health failed() {
        passes = 0;
        failures++;
        if (failures >= fall) {
            health = Health.DOWN;
        }
        return health;
    }

    /** Somebody made sure of it: one pass is enough. */
    synchronized Health vouched() {
        failures = 0;
        passes = rise;
        health = Health.UP;
        return health;
    }

    /** Failures in a row. */
    synchronized int failures() {
        return failures;
    }
}
