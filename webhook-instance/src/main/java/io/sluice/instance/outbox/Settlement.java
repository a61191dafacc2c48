package io.sluice.instance.outbox;

/** How the required steps of an event ended. */
public enum Settlement {
    DELIVERED,
    /** At least one required step is a dead letter. */
    DEAD
}
