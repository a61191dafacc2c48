package io.sluice.proxy.admin;

import io.sluice.proxy.api.DiscoveryView;
import io.sluice.proxy.api.RegistrationView;
import java.util.Optional;

/** Where backends come from that nobody put there. */
public interface PoolSources {
    /** For pools whose backends do not come and go by themselves. */
    PoolSources NONE = new PoolSources() {
        @Override
        public Optional<DiscoveryView> discovery(String pool) {
            return Optional.empty();
        }

        @Override
        public Optional<RegistrationView> registration(String pool) {
            return Optional.empty();
        }
    };

    /** Empty when the pool has no DNS name. */
    Optional<DiscoveryView> discovery(String pool);

    /** Empty when instances cannot register with the pool. */
    Optional<RegistrationView> registration(String pool);
}
