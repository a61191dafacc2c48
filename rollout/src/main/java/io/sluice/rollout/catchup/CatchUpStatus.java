package io.sluice.rollout.catchup;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How catching up one instance goes.
 *
 * @param failures in a row, 0 after a success
 * @param lastFailure what went wrong last time, absent after a success
 * @param nextAttempt not before this moment, absent after a success
 * @param caughtUpAt when it was last brought up to date
 */
public record CatchUpStatus(
        int failures,
        @Nullable String lastFailure,
        @Nullable Instant nextAttempt,
        @Nullable Instant caughtUpAt) {
    static final CatchUpStatus NONE = new CatchUpStatus(0, null, null, null);

    boolean isDue(Instant now) {
        return nextAttempt == null || !now.isBefore(nextAttempt);
    }
}
