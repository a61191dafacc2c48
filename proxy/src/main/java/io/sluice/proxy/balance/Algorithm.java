package io.sluice.proxy.balance;

/** The ways of choosing a backend, as settings name them. */
public enum Algorithm {
    LEAST_CONNECTIONS,
    ROUND_ROBIN,
    RANDOM_TWO_CHOICES,
    CONSISTENT_HASH;

    /** A balancer of that kind, for one pool. */
    LoadBalancer balancer() {
        return switch (this) {
            case LEAST_CONNECTIONS -> new LeastConnections();
            case ROUND_ROBIN -> new RoundRobin();
            case RANDOM_TWO_CHOICES -> new RandomTwoChoices();
            case CONSISTENT_HASH -> new ConsistentHash();
        };
    }
}
