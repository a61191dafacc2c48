package io.sluice.proxy.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * One thing that changed among the routes.
 *
 * @param name of the route; absent where the change is about all of them
 * @param settings after the change; absent where there are none
 */
public record RouteChange(
        Op op, @Nullable String name, @Nullable ObjectNode settings) {
    /** What became of it. */
    public enum Op {
        @JsonProperty("put-route")
        PUT_ROUTE,
        @JsonProperty("remove-route")
        REMOVE_ROUTE,
        @JsonProperty("reorder")
        REORDER,
        @JsonProperty("set-rate-limits")
        SET_RATE_LIMITS
    }
}
