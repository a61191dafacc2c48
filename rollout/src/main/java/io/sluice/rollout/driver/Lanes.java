package io.sluice.rollout.driver;

import io.sluice.rollout.store.CrashPoint;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Changes of the fleet, one at a time for each lane (a pool, or an instance), so that an earlier one which is still under way cannot
 * overtake a later one that undoes it. Used on the engine's thread only.
 */
final class Lanes {
    private final Map<String, Future<?>> tails = new HashMap<>();
    private final CrashPoint crash;

    Lanes(CrashPoint crash) {
        this.crash = crash;
    }

    /** Makes the change {@code what} when its turn has come, unless it is no longer {@code wanted} then. */
    <T> Future<T> change(String lane, String what, BooleanSupplier wanted, Supplier<Future<T>> call) {
        Future<T> turn = tails.getOrDefault(lane, Future.succeededFuture())
                .otherwiseEmpty()
                .compose(ready -> {
                    if (!wanted.getAsBoolean()) {
                        return Future.failedFuture(new Patience.Superseded());
                    }
                    crash.reached("before " + what);
                    return call.get().andThen((value, failure) -> crash.reached("after " + what));
                });
        tails.put(lane, turn);
        return turn;
    }
}
