package io.sluice.proxy.forward;

import org.jspecify.annotations.Nullable;

/** Something with a deadline, and its place in its event loop's list of such things. */
abstract class Sweepable {
    static final long NEVER = Long.MAX_VALUE;

    /** In the loop's time. */
    long deadline = NEVER;

    @Nullable
    Sweepable previousTracked;

    @Nullable
    Sweepable nextTracked;

    /** The deadline has passed. */
    abstract void onDeadline(long now);
}
