package io.sluice.rollout.plan;

/**
 * How far one instance has come. The order of the constants is the order of the walk; the last five are exits.
 *
 * <p>The point of no return is the record that {@link #APPLYING} was begun. Before it the only duty is to put the instance back;
 * after it nothing is known of its configuration until it was asked.
 */
public enum Step {
    /** Waits for its batch. */
    QUEUED,
    /** Answered, and its pre-image lies in the store. */
    PRECHECK,
    /** The proxy has our hold: no new request is assigned. */
    HOLD_ADDED,
    /** The proxy's drain ended as drained: every request assigned before the hold has finished. */
    LATCHED,
    /** The instance itself refuses work and has nothing in flight. */
    INSTANCE_DRAINED,
    /** The configuration change was sent, and answered or not. */
    APPLYING,
    /** The instance reports the wanted hash and its own checks pass. */
    CONFIG_VERIFIED,
    /** Our drain at the instance is gone. */
    UNDRAINED,
    /** Enough probes passed, while the proxy's hold still keeps traffic away. */
    HEALTHY,
    /** Our hold at the proxy is gone. */
    HOLD_REMOVED,
    /** Eligible again, with a first success. */
    IN_SERVICE,
    /** Stayed in service for the settling time. */
    SETTLED,
    /** Runs the new configuration. */
    DONE,
    /** Never changed. */
    SKIPPED,
    /** Back on its pre-image. */
    COMPENSATED,
    /** Deliberately kept out of the pool; the failure says why. */
    QUARANTINED,
    /** Touched, and never reachable again. */
    LOST;

    public boolean isExit() {
        return compareTo(DONE) >= 0;
    }

    public boolean isBefore(Step other) {
        return compareTo(other) < 0;
    }
}
