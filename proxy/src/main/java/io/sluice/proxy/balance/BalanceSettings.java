package io.sluice.proxy.balance;

import io.sluice.service.settings.SettingsReader;

/**
 * How a pool chooses a backend.
 *
 * @param hashKey what consistent hashing goes by; {@link HashKey#NONE} with any other algorithm
 */
public record BalanceSettings(Algorithm algorithm, HashKey hashKey) {
    public static final BalanceSettings DEFAULT = new BalanceSettings(Algorithm.LEAST_CONNECTIONS, HashKey.NONE);

    public BalanceSettings {
        if ((algorithm == Algorithm.CONSISTENT_HASH) == hashKey.equals(HashKey.NONE)) {
            throw new IllegalArgumentException("hash-on: " + hashKey + " with " + algorithm);
        }
    }

    /** Reads {@code balance} and, for {@code consistent-hash}, {@code hash-on} of a pool. */
    public static BalanceSettings read(SettingsReader pool) {
        Algorithm algorithm = pool.choice("balance", Algorithm.class, Algorithm.LEAST_CONNECTIONS);
        if (algorithm != Algorithm.CONSISTENT_HASH) {
            if (pool.has("hash-on")) {
                pool.problem("hash-on", pool.text("hash-on", ""), "absent, or balance: consistent-hash");
            }
            return new BalanceSettings(algorithm, HashKey.NONE);
        }
        String hashOn = pool.text("hash-on", "client-ip");
        HashKey key = HashKey.parse(hashOn).orElse(HashKey.NONE);
        if (key.equals(HashKey.NONE)) {
            pool.problem("hash-on", hashOn, HashKey.EXPECTATION);
            return DEFAULT;
        }
        return new BalanceSettings(algorithm, key);
    }

    /** A balancer for one pool. */
    public LoadBalancer balancer() {
        return algorithm.balancer();
    }
}
