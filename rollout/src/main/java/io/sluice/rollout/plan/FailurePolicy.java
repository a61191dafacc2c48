package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What to do when an instance fails. It is itself always put back on its pre-image first. */
public enum FailurePolicy {
    /** Stop and leave the fleet mixed. */
    @JsonProperty("halt")
    HALT,
    /** Walk every touched instance back. */
    @JsonProperty("rollback")
    ROLLBACK,
    /** Go on while the failure budget lasts, then halt. */
    @JsonProperty("continue")
    CONTINUE
}
