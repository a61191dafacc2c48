package io.sluice.rollout.plan;

/** What was asked of a rollout, in rising order. It only rises; the one exception is a resume, from PAUSE to FORWARD. */
public enum Intent {
    FORWARD,
    PAUSE,
    ABORT,
    ROLLBACK;

    public boolean isAtLeast(Intent other) {
        return compareTo(other) >= 0;
    }
}
