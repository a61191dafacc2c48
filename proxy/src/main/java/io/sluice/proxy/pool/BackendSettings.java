package io.sluice.proxy.pool;

import org.jspecify.annotations.Nullable;

/**
 * A backend as a file describes it.
 *
 * @param address {@code host:port}
 * @param adminUrl where the instance's admin API is, absent when unknown
 * @param weight share of the load, 1 to {@value #MAX_WEIGHT}
 */
public record BackendSettings(
        String id, String address, @Nullable String adminUrl, int weight) {
    /** Keeps in-flight times weight far from overflow, and is more than a ratio of two machines can mean. */
    public static final int MAX_WEIGHT = 1_000;

    public BackendSettings {
        if (BackendAddress.parse(address).isEmpty()) {
            throw new IllegalArgumentException("address: " + address + " (expected: host:port)");
        }
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1-" + MAX_WEIGHT + ")");
        }
    }
}
