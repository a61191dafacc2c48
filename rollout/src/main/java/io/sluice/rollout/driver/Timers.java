package io.sluice.rollout.driver;

import io.vertx.core.Future;
import java.time.Duration;

/** The engine's one thread: whatever is run here runs one after the other. A simulation has its own. */
interface Timers {
    void run(Runnable task);

    /** Running the result before the time cancels it. */
    Runnable after(Duration delay, Runnable task);

    /** Runs what blocks, elsewhere. */
    Future<Void> blocking(Runnable task);
}
