package io.sluice.proxy.pool;

import io.sluice.proxy.api.PoolChange;
import java.time.Duration;
import java.util.List;

/**
 * A change that was found valid, computed but not made.
 *
 * @param changes those that change something
 * @param starts the drains that begin with it
 * @param ends ids of the drains whose hold it removes
 * @param asked ids of the drains that the caller wants to know, in the order of its changes
 */
record Plan(
        PoolState before,
        PoolState after,
        List<PoolChange> changes,
        List<DrainStart> starts,
        List<String> ends,
        List<String> asked,
        boolean created) {

    /** A drain to be started on one incarnation. */
    record DrainStart(String operation, String backend, String hold, long incarnation, Duration timeout) {}

    boolean changesAnything() {
        return after.revision() != before.revision();
    }

    /** Whether it does nothing but place holds, and remove such as no journal knows; then it can be made without one. */
    boolean canDoWithoutJournal() {
        return changes.stream().allMatch(this::isVolatile);
    }

    private boolean isVolatile(PoolChange change) {
        if (change instanceof PoolChange.RemoveHold removal) {
            return before.backend(removal.backend())
                    .flatMap(backend -> backend.hold(removal.name()))
                    .map(hold -> !hold.durable())
                    .orElse(true);
        }
        return change instanceof PoolChange.PutHold;
    }
}
