package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** An instance is healthy once {@code passes} of the last {@code of} probes passed. They follow each other at once. */
public record HealthGate(int passes, int of) {
    public static final HealthGate DEFAULT = new HealthGate(2, 3);

    public HealthGate {
        if (passes < 1 || of < passes) {
            throw new IllegalArgumentException("health: " + passes + " of " + of + " (expected: 1 <= passes <= of)");
        }
    }

    /** Fills what is missing from {@link #DEFAULT}. */
    @JsonCreator
    public static HealthGate of(
            @JsonProperty("passes") @Nullable Integer passes, @JsonProperty("of") @Nullable Integer of) {
        int needed = passes == null ? Math.min(DEFAULT.passes, of == null ? DEFAULT.passes : of) : passes;
        return new HealthGate(needed, of == null ? Math.max(DEFAULT.of, needed) : of);
    }
}
