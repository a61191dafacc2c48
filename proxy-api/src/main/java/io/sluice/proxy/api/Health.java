package io.sluice.proxy.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What was observed of a backend, by checks and traffic; never what an operator wants. */
public enum Health {
    @JsonProperty("up")
    UP,
    @JsonProperty("down")
    DOWN,
    @JsonProperty("unknown")
    UNKNOWN
}
