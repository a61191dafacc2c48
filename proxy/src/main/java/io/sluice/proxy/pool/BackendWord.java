package io.sluice.proxy.pool;

import io.sluice.proxy.api.BreakerState;
import java.util.ArrayList;
import java.util.List;

/** What the bits of a {@link Backend}'s word mean: a reason against a request each, above the number of requests that run. */
final class BackendWord {
    static final long HELD = 1L << 40;
    static final long REMOVED = 1L << 41;
    static final long NEW = 1L << 42;
    static final long UNVERIFIED = 1L << 43;
    static final long WRONG_CONFIGURATION = 1L << 44;
    static final long DOWN = 1L << 45;
    static final long EJECTED = 1L << 46;
    /** No reason against a request by itself; the next one is the trial. */
    static final long ON_TRIAL = 1L << 47;
    /** One above {@link #ON_TRIAL}, so that taking the trial is a shift and no branch. */
    static final long TRIAL_TAKEN = ON_TRIAL << 1;

    /** It asked for that itself. */
    static final long DRAINING = TRIAL_TAKEN << 1;

    static final long IN_FLIGHT = HELD - 1;
    static final long REASONS = ~(IN_FLIGHT | ON_TRIAL);
    /** Those that are wished; while one is set the count only falls. */
    static final long CLOSED = HELD | REMOVED;

    static final long CONFIGURATION = UNVERIFIED | WRONG_CONFIGURATION;

    /** The only reasons that may be overlooked when they would leave nobody. */
    private static final long HEALTH = DOWN | EJECTED | TRIAL_TAKEN | DRAINING;

    private BackendWord() {}

    static long against(boolean ignoringHealth) {
        return ignoringHealth ? REASONS & ~HEALTH : REASONS;
    }

    /** The word with one request more. On trial, whoever gets in first is the trial, and in the same step nobody else gets in. */
    static long withOneMore(long word) {
        return (word + 1) | ((word & ON_TRIAL) << 1);
    }

    /** Whether that one request more is the trial. */
    static boolean offersTrial(long word) {
        return (word & (ON_TRIAL | TRIAL_TAKEN)) == ON_TRIAL;
    }

    static BreakerState breaker(long word) {
        if ((word & EJECTED) != 0) {
            return BreakerState.OPEN;
        }
        return (word & ON_TRIAL) == 0 ? BreakerState.CLOSED : BreakerState.HALF_OPEN;
    }

    /** One line for each reason against a request except holds, which the pool knows by name. */
    static List<String> explain(long word, Observation seen) {
        List<String> reasons = new ArrayList<>();
        addIf(reasons, word & REMOVED, "removed");
        addIf(reasons, word & NEW, "new: waits for its first passing check");
        addIf(reasons, word & UNVERIFIED, "unverified: " + seen.unverifiedBecause());
        addIf(reasons, word & WRONG_CONFIGURATION, "configuration not accepted: " + hashOf(seen));
        addIf(reasons, word & DOWN, "down: " + seen.healthDetail());
        addIf(reasons, word & DRAINING, "drains: it asked for no more requests");
        addIf(reasons, word & EJECTED, "ejected until " + seen.ejectedUntil() + ": " + seen.ejectionDetail());
        addIf(reasons, word & TRIAL_TAKEN, "on trial: one request at a time, and one is running");
        return List.copyOf(reasons);
    }

    private static void addIf(List<String> reasons, long bit, String reason) {
        if (bit != 0) {
            reasons.add(reason);
        }
    }

    private static String hashOf(Observation seen) {
        return seen.configHash() == null ? "reports none" : "reports " + seen.configHash();
    }
}
