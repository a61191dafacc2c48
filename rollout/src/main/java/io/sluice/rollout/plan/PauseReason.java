package io.sluice.rollout.plan;

/** Why a rollout is paused. The engine itself goes on from FLOOR and PROXY as soon as the cause is gone; the others need a resume. */
public enum PauseReason {
    USER,
    /** Taking another instance out would leave fewer in service than the floor. */
    FLOOR,
    /** The proxy's admin API does not answer. */
    PROXY,
    /** After a restart the fleet was not as the journal had it. */
    RECOVERY
}
