package io.sluice.instance.drain;

import java.time.Duration;

/** Runs something later, on any thread. */
@FunctionalInterface
public interface Timer {
    /** The answer cancels it, if it has not run. */
    Runnable after(Duration delay, Runnable action);
}
