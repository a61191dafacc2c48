package io.sluice.proxy.pool;

import java.util.List;

/**
 * A change of the structure that was made, or could be.
 *
 * @param routes right after it
 * @param changes the pools and routes that it concerned, such as {@code pools.webhooks}
 * @param created whether what was put did not exist
 */
public record StructureResult(RoutesState routes, List<String> changes, boolean created) {
    public StructureResult {
        changes = List.copyOf(changes);
    }

    public boolean changed() {
        return !changes.isEmpty();
    }
}
