package io.sluice.instance.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which document a configuration change replaces; a bundle is {@code {"webhooks":…,"connections":…}}. */
public enum ConfigType {
    @JsonProperty("webhooks")
    WEBHOOKS,
    @JsonProperty("connections")
    CONNECTIONS,
    @JsonProperty("bundle")
    BUNDLE
}
