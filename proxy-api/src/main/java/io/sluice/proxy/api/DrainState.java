package io.sluice.proxy.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a drain is; the last three are final, and exactly one of them is reached. */
public enum DrainState {
    @JsonProperty("draining")
    DRAINING,
    @JsonProperty("drained")
    DRAINED,
    @JsonProperty("timed_out")
    TIMED_OUT,
    @JsonProperty("cancelled")
    CANCELLED;

    public boolean isFinal() {
        return this != DRAINING;
    }
}
