package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What to do with an instance that does not answer before it was touched. */
public enum UnreachablePolicy {
    /** Leave it out; the result is PARTIAL and the instance is brought up to date when it returns. */
    @JsonProperty("skip")
    SKIP,
    /** Count it as a failure. */
    @JsonProperty("halt")
    HALT
}
