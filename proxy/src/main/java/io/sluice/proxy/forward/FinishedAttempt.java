package io.sluice.proxy.forward;

import io.sluice.proxy.pool.Backend;
import org.jspecify.annotations.Nullable;

/** One attempt that is over. A view: read it during the call, on the calling event loop. */
public interface FinishedAttempt {
    Backend backend();

    /** Absent when the backend's response was passed on as it came. */
    @Nullable
    Failure failure();

    /** Of the backend's response; 0 when none came. */
    int status();

    /** From the choice of the backend to the end of its part. */
    long durationNanos();

    /** From the choice of the backend to an open connection; 0 when one was reused or none was opened. */
    long connectNanos();

    /** From the choice of the backend to its response head; 0 when none came. */
    long headNanos();

    boolean reusedConnection();

    /** The attempt before this one in the same exchange. */
    @Nullable
    FinishedAttempt previous();
}
