package io.sluice.proxy.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a backend came into its pool, and so who may take it out again. */
public enum BackendSource {
    /** The settings file names it. */
    @JsonProperty("static")
    STATIC,
    /** An operator put it there through the admin API. */
    @JsonProperty("api")
    API,
    /** Its address is among the answers for a DNS name. */
    @JsonProperty("discovered")
    DISCOVERED,
    /** It has registered itself. */
    @JsonProperty("registered")
    REGISTERED;

    /** Whether it comes and goes without an operator, so that no description of the pool names it. */
    public boolean isDynamic() {
        return switch (this) {
            case STATIC, API -> false;
            case DISCOVERED, REGISTERED -> true;
        };
    }
}
