package io.sluice.proxy.pool;

import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.PoolChange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one pool that take effect together or not at all.
 *
 * @param changes may be empty, to make a new epoch known
 * @param author who asks, for the journal and for holds
 * @param epoch the caller's rollout epoch, absent when it has none
 * @param source for whom this is done: an operator ({@link BackendSource#API}) may change every backend, all others only those that came
 *     into the pool in the same way
 * @param overFloor whether it is made even if it leaves too few: for those who go anyway
 */
public record ChangeRequest(
        String pool,
        List<PoolChange> changes,
        Precondition precondition,
        String author,
        String reason,
        @Nullable Long epoch,
        BackendSource source,
        boolean overFloor) {
    public ChangeRequest {
        changes = List.copyOf(changes);
    }

    /** An operator's. */
    public ChangeRequest(
            String pool,
            List<PoolChange> changes,
            Precondition precondition,
            String author,
            String reason,
            @Nullable Long epoch) {
        this(pool, changes, precondition, author, reason, epoch, BackendSource.API, false);
    }

    /** Of backends that come and go by themselves. */
    public static ChangeRequest of(
            BackendSource source, String pool, List<PoolChange> changes, String author, String reason) {
        return new ChangeRequest(pool, changes, Precondition.NONE, author, reason, null, source, false);
    }

    public ChangeRequest asOverFloor() {
        return new ChangeRequest(pool, changes, precondition, author, reason, epoch, source, true);
    }
}
