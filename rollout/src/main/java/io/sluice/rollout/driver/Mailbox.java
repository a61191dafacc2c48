package io.sluice.rollout.driver;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** What the engine has to deal with, one after the other: the next is taken when the one before has been stored. */
final class Mailbox {
    private final Timers timers;
    private final Queue<Supplier<Future<?>>> letters = new ArrayDeque<>();
    private boolean busy;

    Mailbox(Timers timers) {
        this.timers = timers;
    }

    /** From any thread. */
    void put(Supplier<Future<?>> letter) {
        timers.run(() -> {
            letters.add(letter);
            next();
        });
    }

    private void next() {
        Supplier<Future<?>> letter = busy ? null : letters.poll();
        if (letter == null) {
            return;
        }
        busy = true;
        Future.succeededFuture()
                .compose(start -> letter.get())
                .onComplete((value, failure) -> timers.run(() -> {
                    busy = false;
                    next();
                }));
    }
}
