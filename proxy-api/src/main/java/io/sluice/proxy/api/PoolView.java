package io.sluice.proxy.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool at one revision, as one process ({@code bootId}) sees it.
 *
 * @param epoch the highest {@value ProxyHeaders#ROLLOUT_EPOCH} seen, 0 when none was
 * @param minInService the floor: a change that leaves fewer backends without a hold is refused
 * @param inService how many backends are eligible now
 * @param acceptedConfiguration the config hashes this pool admits; empty means any
 * @param discovery absent without a DNS name
 * @param registration absent where instances cannot register
 */
public record PoolView(
        String pool,
        long revision,
        String bootId,
        long epoch,
        int minInService,
        int inService,
        List<String> acceptedConfiguration,
        List<BackendView> backends,
        @Nullable DiscoveryView discovery,
        @Nullable RegistrationView registration) {
    /** One whose backends do not come and go by themselves. */
    public PoolView(
            String pool,
            long revision,
            String bootId,
            long epoch,
            int minInService,
            int inService,
            List<String> acceptedConfiguration,
            List<BackendView> backends) {
        this(pool, revision, bootId, epoch, minInService, inService, acceptedConfiguration, backends, null, null);
    }

    public PoolView {
        acceptedConfiguration = List.copyOf(acceptedConfiguration);
        backends = List.copyOf(backends);
    }
}
