package io.sluice.system.fleet;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for something that another process does, looking again and again until a deadline. */
public final class Await {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

    private Await() {}

    /** The check for something that may fail while it is not there yet. */
    @FunctionalInterface
    public interface Check {
        boolean holds() throws Exception;
    }

    public static void until(String what, Duration deadline, Check check) {
        until(() -> what, deadline, check);
    }

    /** As above; {@code what} says what was waited for and what was seen instead. */
    public static void until(Supplier<String> what, Duration deadline, Check check) {
        long end = System.nanoTime() + deadline.toNanos();
        Exception last = null;
        while (System.nanoTime() - end < 0) {
            try {
                if (check.holds()) {
                    return;
                }
                last = null;
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        throw new AssertionError("not within " + deadline + ": " + what.get(), last);
    }
}
