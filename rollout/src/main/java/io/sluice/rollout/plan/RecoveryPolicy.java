package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What to do with a rollout that was running forward when the engine stopped, once the capacity has been given back. */
public enum RecoveryPolicy {
    /** Go on if the fleet is as the journal has it, nothing failed and the engine was not away for long; else pause. */
    @JsonProperty("auto")
    AUTO,
    @JsonProperty("pause")
    PAUSE,
    @JsonProperty("rollback")
    ROLLBACK
}
