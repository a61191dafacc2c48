package io.sluice.proxy.discovery;

import io.sluice.proxy.pool.BackendAddress;

/**
 * One address that a lookup found.
 *
 * @param weight share of the load
 * @param backup whether it serves only while no other kind can
 */
record Endpoint(BackendAddress address, int weight, boolean backup) {
    private static final String PREFIX = "dns-";

    /** The id of its backend: the same for the same address. */
    String id() {
        return PREFIX + address.host().replace(':', '-') + "-" + address.port();
    }
}
