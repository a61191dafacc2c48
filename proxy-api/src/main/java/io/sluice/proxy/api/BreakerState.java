package io.sluice.proxy.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the failures of traffic led to. */
public enum BreakerState {
    /** It gets requests. */
    @JsonProperty("closed")
    CLOSED,
    /** It is ejected and gets none. */
    @JsonProperty("open")
    OPEN,
    /** It gets one request at a time, until one succeeds or fails. */
    @JsonProperty("half_open")
    HALF_OPEN
}
