package io.sluice.proxy.api;

import java.util.List;

/**
 * One pool at one revision, as one process ({@code bootId}) sees it.
 *
 * @param epoch the highest {@value ProxyHeaders#ROLLOUT_EPOCH} seen, 0 when none was
 * @param minInService the floor: a change that leaves fewer backends without a hold is refused
 * @param inService how many backends are eligible now
 * @param acceptedConfiguration the config hashes this pool admits; empty means any
 */
public record PoolView(
        String pool,
        long revision,
        String bootId,
        long epoch,
        int minInService,
        int inService,
        List<String> acceptedConfiguration,
        List<BackendView> backends) {
    public PoolView {
        acceptedConfiguration = List.copyOf(acceptedConfiguration);
        backends = List.copyOf(backends);
    }
}
