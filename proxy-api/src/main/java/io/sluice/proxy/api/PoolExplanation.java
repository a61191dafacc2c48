package io.sluice.proxy.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why each backend of a pool gets requests or not.
 *
 * @param panicking whether health is being overlooked, because heeding it would leave nobody
 * @param balance how the pool chooses
 * @param discovery how its DNS name was looked up; absent without one
 * @param registration who has registered; absent where nobody can
 * @param next who would get the next request; absent when nobody would, or when that depends on the request or on chance
 */
public record PoolExplanation(
        String pool,
        long revision,
        String bootId,
        boolean panicking,
        String balance,
        @Nullable String next,
        List<BackendExplanation> backends,
        @Nullable DiscoveryView discovery,
        @Nullable RegistrationView registration) {
    public PoolExplanation {
        backends = List.copyOf(backends);
    }

    /** One backend; {@code explanation} has at least one line, also when it is eligible. */
    public record BackendExplanation(
            String id,
            String address,
            boolean eligible,
            long inFlight,
            int weight,
            List<String> explanation,
            BackendSource source) {
        public BackendExplanation {
            explanation = List.copyOf(explanation);
        }
    }
}
