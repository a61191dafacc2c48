package io.sluice.rollout.plan;

/** Where the walk of one instance leads to. */
public enum Goal {
    /** Onto the new configuration. */
    UPDATE,
    /** Back onto its pre-image. */
    RESTORE,
    /** Back into service as it is; its configuration was not changed. */
    RELEASE
}
