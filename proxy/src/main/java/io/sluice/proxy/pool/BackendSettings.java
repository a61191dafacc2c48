package io.sluice.proxy.pool;

import org.jspecify.annotations.Nullable;

/**
 * A backend as a file describes it.
 *
 * @param address {@code host:port}
 * @param adminUrl where the instance's admin API is, absent when unknown
 * @param weight share of the load, 1 to {@value #MAX_WEIGHT}
 * @param backup whether it serves only while no other kind is eligible
 * @param maxInFlight how many requests it runs at once at most; absent: as many as the pool says
 */
public record BackendSettings(
        String id,
        String address,
        @Nullable String adminUrl,
        int weight,
        boolean backup,
        @Nullable Integer maxInFlight) {
    /** Keeps in-flight times weight far from overflow, and is more than a ratio of two machines can mean. */
    public static final int MAX_WEIGHT = 1_000;

    /** Far more than one process can run. */
    public static final int MOST_IN_FLIGHT = 1_000_000;

    /** One that takes its share with the others, and as much as comes. */
    public BackendSettings(String id, String address, @Nullable String adminUrl, int weight) {
        this(id, address, adminUrl, weight, false, null);
    }

    public BackendSettings {
        if (BackendAddress.parse(address).isEmpty()) {
            throw new IllegalArgumentException("address: " + address + " (expected: host:port)");
        }
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1-" + MAX_WEIGHT + ")");
        }
        if (maxInFlight != null && (maxInFlight < 1 || maxInFlight > MOST_IN_FLIGHT)) {
            throw new IllegalArgumentException(
                    "max-in-flight: " + maxInFlight + " (expected: 1-" + MOST_IN_FLIGHT + ")");
        }
    }
}
