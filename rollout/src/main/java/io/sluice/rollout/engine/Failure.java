package io.sluice.rollout.engine;

import org.jspecify.annotations.Nullable;

/**
 * Why a piece of work ended without its proof.
 *
 * @param reportedHash what the instance runs, when it was asked
 */
public record Failure(Kind kind, String detail, @Nullable String reportedHash) {
    public static Failure of(Kind kind, String detail) {
        return new Failure(kind, detail, null);
    }

    /** Whether the other side did not say anything, so that it may have done what it was asked. */
    boolean isSilence() {
        return switch (kind) {
            case UNREACHABLE, UNKNOWN_OUTCOME, DEADLINE -> true;
            default -> false;
        };
    }

    /** What went wrong. */
    public enum Kind {
        /** Did not answer until the deadline. */
        UNREACHABLE,
        /** A change was sent, and whether it took effect is unknown. */
        UNKNOWN_OUTCOME,
        /** The document was refused. */
        INVALID,
        /** Somebody else changed the configuration meanwhile. */
        CONFLICT,
        /** Not allowed now, because too few would be left in service. */
        FLOOR,
        /** Requests were still running when the drain's time was over. */
        DRAIN_TIMED_OUT,
        /** Our hold was taken away by somebody else. */
        HOLD_LOST,
        /** The instance runs another configuration than it should. */
        WRONG_CONFIGURATION,
        /** The instance's own checks or the probes did not pass. */
        UNHEALTHY,
        /** The backend is no longer in the pool. */
        GONE,
        /** Refused for good: credentials, or a request the other side does not understand. */
        REFUSED,
        /** The deadline passed. */
        DEADLINE
    }
}
