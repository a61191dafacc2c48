package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import java.util.List;

/**
 * A change that was made.
 *
 * @param snapshot the pool right after it
 * @param changed false when everything was as asked for already, and so no revision was made
 * @param created whether a backend was put that did not exist
 * @param durable whether a restart will bring it back; false for holds placed while the journal takes nothing
 * @param drains of the holds placed and the backends removed, in the order of the changes
 */
public record ChangeResult(
        PoolSnapshot snapshot, boolean changed, boolean created, boolean durable, List<DrainOperation> drains) {
    public ChangeResult {
        drains = List.copyOf(drains);
    }
}
