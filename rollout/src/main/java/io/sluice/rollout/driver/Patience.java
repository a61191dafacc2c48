package io.sluice.rollout.driver;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Trying again until a deadline, and never beyond it. Everything happens on the engine's thread. */
final class Patience {
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMillis(200);

    private final Timers timers;
    private final Clock clock;

    Patience(Timers timers, Clock clock) {
        this.timers = timers;
        this.clock = clock;
    }

    /** Moves a future that completes anywhere onto the engine's thread. */
    <T> Future<T> onEngine(Future<T> elsewhere) {
        Promise<T> here = Promise.promise();
        elsewhere.onComplete((value, failure) -> timers.run(() -> here.complete(value, failure)));
        return here.future();
    }

    /** Fails with a {@link TimeoutException} when {@code work} has not ended at {@code deadline}. */
    <T> Future<T> bounded(Future<T> work, Instant deadline) {
        Promise<T> outcome = Promise.promise();
        Runnable cancel = timers.after(
                Duration.between(clock.instant(), deadline),
                () -> outcome.tryFail(new TimeoutException("no answer in time")));
        work.onComplete((value, failure) -> {
            cancel.run();
            settle(outcome, value, failure);
        });
        return outcome.future();
    }

    /**
     * Calls {@code work} until it succeeds, fails for a reason that is not {@code retryable}, the next try would come after the deadline,
     * or it is no longer {@code wanted}. The last failure is the result; a {@link TimeoutException} when a try has not ended at the deadline.
     *
     * @param deadline {@link Instant#MAX} for none
     */
    <T> Future<T> until(
            Instant deadline, BooleanSupplier wanted, Predicate<Throwable> retryable, Supplier<Future<T>> work) {
        Future<T> tries = attempt(new Loop<>(deadline, wanted, retryable, work), SHORTEST);
        return tries.isComplete() || deadline.equals(Instant.MAX) ? tries : bounded(tries, deadline);
    }

    private record Loop<T>(
            Instant deadline, BooleanSupplier wanted, Predicate<Throwable> retryable, Supplier<Future<T>> work) {}

    private <T> Future<T> attempt(Loop<T> loop, Duration pause) {
        if (!loop.wanted().getAsBoolean()) {
            return Future.failedFuture(new Superseded());
        }
        return Future.succeededFuture().compose(start -> loop.work().get()).recover(failure -> {
            boolean again = !(failure instanceof Superseded)
                    && loop.retryable().test(failure)
                    && clock.instant().plus(pause).isBefore(loop.deadline());
            if (!again) {
                return Future.failedFuture(failure);
            }
            Promise<T> later = Promise.promise();
            timers.after(pause, () -> attempt(loop, longer(pause)).onComplete(later));
            return later.future();
        });
    }

    private static <T> void settle(Promise<T> outcome, T value, @Nullable Throwable failure) {
        if (failure == null) {
            outcome.tryComplete(value);
        } else {
            outcome.tryFail(failure);
        }
    }

    private static Duration longer(Duration pause) {
        Duration next = pause.multipliedBy(2);
        return next.compareTo(LONGEST) > 0 ? LONGEST : next;
    }

    /** The work is no longer asked for; nobody waits for its result. */
    static final class Superseded extends RuntimeException {
        Superseded() {
            super("superseded");
        }
    }
}
