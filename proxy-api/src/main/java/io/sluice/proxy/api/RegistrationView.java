package io.sluice.proxy.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Which instances have registered themselves with a pool.
 *
 * @param ttl how long a registration holds without a heartbeat
 * @param maxBackends how many may register
 * @param preserving whether so many registrations have run out at once that the proxy believes to be cut off from instances, and keeps them
 */
public record RegistrationView(Duration ttl, int maxBackends, boolean preserving, List<Lease> leases) {
    public RegistrationView {
        leases = List.copyOf(leases);
    }

    /**
     * One registration.
     *
     * @param state what becomes of it, in words: {@code live}, or why it is still there
     */
    public record Lease(String backend, String address, Instant expires, String state) {}
}
