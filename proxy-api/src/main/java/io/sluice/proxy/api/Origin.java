package io.sluice.proxy.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a route or the settings of a pool come from. */
public enum Origin {
    /** They are as the settings file says. */
    @JsonProperty("file")
    FILE,
    /** They were made or changed through the admin API. */
    @JsonProperty("api")
    API
}
