package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;

/** The backends among which one choice is made, and whether their health matters. */
enum Tier {
    PRIMARIES(false),
    BACKUPS(false),
    PRIMARIES_WHATEVER_HEALTH(true),
    BACKUPS_WHATEVER_HEALTH(true);

    private final boolean ignoresHealth;

    Tier(boolean ignoresHealth) {
        this.ignoresHealth = ignoresHealth;
    }

    boolean ignoresHealth() {
        return ignoresHealth;
    }

    /** Requests in flight on a backend of this tier if it may get one more, else -1. */
    long load(Backend backend, Tried tried) {
        return tried.contains(backend) ? -1 : backend.loadIfEligible(ignoresHealth);
    }
}
