package io.sluice.rollout.plan;

import java.util.List;

/**
 * What the pre-flight fixed for the whole rollout.
 *
 * @param targetHash bundle hash every instance will report
 * @param baseHashes what the pool admitted before, or what its instances ran when it admitted anything
 * @param floor least number of backends in service
 * @param alone at most one backend was in service at the start; that one is updated in place
 */
public record FleetPlan(String targetHash, List<String> baseHashes, int floor, boolean alone) {
    public FleetPlan {
        baseHashes = List.copyOf(baseHashes);
    }
}
