package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A rolling walk over the pool.
 *
 * @param batch how many instances at most are out of service together; the floor may allow fewer
 * @param bake how long to wait after each batch but the last
 * @param settle how long an instance has to stay in service before it counts as done
 */
public record Strategy(Type type, int batch, Duration bake, Duration settle) {
    public static final Strategy ROLLING = new Strategy(Type.ROLLING, 1, Duration.ZERO, Duration.ZERO);

    /** How the fleet is walked over. */
    public enum Type {
        @JsonProperty("rolling")
        ROLLING
    }

    public Strategy {
        if (batch < 1) {
            throw new IllegalArgumentException("strategy.batch: " + batch + " (expected: >= 1)");
        }
        Deadlines.requireNotNegative("strategy.bake", bake);
        Deadlines.requireNotNegative("strategy.settle", settle);
    }

    /** Fills what is missing from {@link #ROLLING}. */
    @JsonCreator
    public static Strategy of(
            @JsonProperty("type") @Nullable Type type,
            @JsonProperty("batch") @Nullable Integer batch,
            @JsonProperty("bake") @Nullable Duration bake,
            @JsonProperty("settle") @Nullable Duration settle) {
        return new Strategy(
                type == null ? ROLLING.type : type,
                batch == null ? ROLLING.batch : batch,
                bake == null ? ROLLING.bake : bake,
                settle == null ? ROLLING.settle : settle);
    }
}
