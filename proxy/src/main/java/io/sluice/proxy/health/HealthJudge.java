package io.sluice.proxy.health;

import io.sluice.proxy.api.Health;

/** Turns a run of passed and failed checks into a health, by the thresholds {@code rise} and {@code fall}. */
final class HealthJudge {
    private final int rise;
    private final int fall;
    private Health health;
    private int passes;
    private int failures;

    /** @param known what others found before; the thresholds count from there */
    HealthJudge(int rise, int fall, Health known) {
        this.rise = rise;
        this.fall = fall;
        this.health = known;
    }

    Health health() {
        return health;
    }

    Health passed() {
        failures = 0;
        passes++;
        if (health == Health.UNKNOWN || passes >= rise) {
            health = Health.UP;
        }
        return health;
    }

    Health failed() {
        passes = 0;
        failures++;
        if (failures >= fall) {
            health = Health.DOWN;
        }
        return health;
    }

    /** Somebody made sure of it: one pass is enough. */
    Health vouched() {
        failures = 0;
        passes = rise;
        health = Health.UP;
        return health;
    }

    /** Failures in a row. */
    int failures() {
        return failures;
    }
}
