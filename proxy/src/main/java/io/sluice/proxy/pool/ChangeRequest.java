package io.sluice.proxy.pool;

import io.sluice.proxy.api.PoolChange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one pool that take effect together or not at all.
 *
 * @param changes may be empty, to make a new epoch known
 * @param author who asks, for the journal and for holds
 * @param epoch the caller's rollout epoch, absent when it has none
 */
public record ChangeRequest(
        String pool,
        List<PoolChange> changes,
        Precondition precondition,
        String author,
        String reason,
        @Nullable Long epoch) {
    public ChangeRequest {
        changes = List.copyOf(changes);
    }
}
