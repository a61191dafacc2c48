package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long each wait may take at most; each starts anew after a restart of the engine. Reaching one always yields a transition.
 *
 * @param reach for an instance to answer before it is touched
 * @param drain for the requests that run on an instance to end, at the proxy and then at the instance
 * @param apply for a configuration change to be answered and then to be reported by the instance
 * @param health for the health gate, and for the instance to be in service again
 * @param proxy for the proxy to answer when capacity is given back
 */
public record Deadlines(Duration reach, Duration drain, Duration apply, Duration health, Duration proxy) {
    public static final Deadlines DEFAULT = new Deadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2));

    public Deadlines {
        requirePositive("deadlines.reach", reach);
        requirePositive("deadlines.drain", drain);
        requirePositive("deadlines.apply", apply);
        requirePositive("deadlines.health", health);
        requirePositive("deadlines.proxy", proxy);
    }

    /** Fills what is missing from {@link #DEFAULT}. */
    @JsonCreator
    public static Deadlines of(
            @JsonProperty("reach") @Nullable Duration reach,
            @JsonProperty("drain") @Nullable Duration drain,
            @JsonProperty("apply") @Nullable Duration apply,
            @JsonProperty("health") @Nullable Duration health,
            @JsonProperty("proxy") @Nullable Duration proxy) {
        return new Deadlines(
                reach == null ? DEFAULT.reach : reach,
                drain == null ? DEFAULT.drain : drain,
                apply == null ? DEFAULT.apply : apply,
                health == null ? DEFAULT.health : health,
                proxy == null ? DEFAULT.proxy : proxy);
    }

    /** How long the work towards {@code step} may take. */
    public Duration towards(Step step) {
        return switch (step) {
            case QUEUED, PRECHECK -> reach;
            case LATCHED, INSTANCE_DRAINED -> drain;
            case APPLYING, CONFIG_VERIFIED, UNDRAINED -> apply;
            case HEALTHY, IN_SERVICE, SETTLED -> health;
            case HOLD_ADDED, HOLD_REMOVED -> proxy;
            case DONE, SKIPPED, COMPENSATED, QUARANTINED, LOST ->
                throw new IllegalArgumentException("nothing leads to " + step + " by waiting");
        };
    }

    static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0s)");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0s)");
        }
    }
}
