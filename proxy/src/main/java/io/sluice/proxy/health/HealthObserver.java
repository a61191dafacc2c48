package io.sluice.proxy.health;

import io.sluice.proxy.api.BreakerState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;

/** Told what checks find, on the thread that found it: must be quick and must not throw. */
public interface HealthObserver {
    HealthObserver NONE = new HealthObserver() {};

    /** One active check ended. */
    default void probed(Backend backend, boolean passed) {}

    /** The active checks came to another conclusion. */
    default void flipped(Backend backend, Health health) {}

    /** Passive checks put a backend aside. */
    default void ejected(Backend backend) {}

    /** A backend's breaker moved to another state. */
    default void breakerMoved(Backend backend, BreakerState to) {}
}
