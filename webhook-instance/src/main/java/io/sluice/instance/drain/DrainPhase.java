package io.sluice.instance.drain;

/** How far a drain has come; lower-case in answers. */
public enum DrainPhase {
    /** Nobody drains. */
    ACTIVE,
    /** Unhealthy already, so that balancers turn away, but requests are still taken. */
    LAME_DUCK,
    /** New requests are refused, some still run. */
    DRAINING,
    /** None runs. */
    DRAINED
}
