package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Drains that an earlier process of this proxy has started. When nothing of it runs any more all of them have ended; when this one has taken its
 * place they go on.
 */
final class PastDrains {
    private final StoredPools stored;
    private final Drains drains;
    private final Clock clock;
    private final String bootId;

    PastDrains(StoredPools stored, Drains drains, Clock clock, String bootId) {
        this.stored = stored;
        this.drains = drains;
        this.clock = clock;
        this.bootId = bootId;
    }

    /**
     * Takes in what the journal has of them; returns those whose end it does not have: they drained, or lost their hold.
     *
     * @param backend the incarnation that one is about, if it is in its pool
     */
    List<DrainOperation> restore(Function<DrainOperation, @Nullable Backend> backend) {
        List<DrainOperation> ended = new ArrayList<>();
        drains.forget(stored.forgetOldDrains());
        for (DrainOperation drain : stored.drains()) {
            if (drains.find(drain.id()).isPresent()) {
                continue; // It runs here: the journal was away for a while.
            }
            if (!drain.state().isFinal() && isWanted(drain) && drains.hasPredecessor()) {
                drains.start(drain, backend.apply(drain));
            } else if (drain.state().isFinal()) {
                drains.restore(drain);
            } else {
                DrainState end = isWanted(drain) ? DrainState.DRAINED : DrainState.CANCELLED;
                DrainOperation now = Drain.copy(drain, end, 0, null, clock.instant());
                drains.restore(now);
                ended.add(now);
            }
        }
        return ended;
    }

    /** The drain of a hold whose entry in the journal was damaged; empty when {@code pool} has no such hold. */
    Optional<Drain> restoreLost(PoolState pool, String id) {
        Instant now = clock.instant();
        for (BackendState backend : pool.backends()) {
            for (BackendState.Hold hold : backend.holds()) {
                if (hold.operation().equals(id)) {
                    drains.restore(new DrainOperation(
                            id,
                            pool.pool(),
                            backend.id(),
                            hold.view().name(),
                            backend.incarnation(),
                            hold.view().revision(),
                            DrainState.DRAINED,
                            0,
                            null,
                            now,
                            now,
                            now,
                            bootId));
                }
            }
        }
        return drains.find(id);
    }

    private boolean isWanted(DrainOperation drain) {
        return drain.hold().equals(Planner.REMOVAL)
                || stored.state(drain.pool())
                        .flatMap(state -> state.backend(drain.backend()))
                        .flatMap(backend -> backend.hold(drain.hold()))
                        .filter(hold -> hold.operation().equals(drain.id()))
                        .isPresent();
    }
}
