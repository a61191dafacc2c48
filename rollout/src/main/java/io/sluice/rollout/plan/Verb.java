package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an operator may ask of a running rollout. Abort and rollback are accepted in every phase that is not terminal. */
public enum Verb {
    @JsonProperty("pause")
    PAUSE,
    @JsonProperty("resume")
    RESUME,
    @JsonProperty("abort")
    ABORT,
    @JsonProperty("rollback")
    ROLLBACK
}
