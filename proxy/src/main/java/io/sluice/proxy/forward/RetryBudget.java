package io.sluice.proxy.forward;

import java.util.function.LongSupplier;

/**
 * Keeps retries from multiplying the load of backends that are in trouble: retries may add a fifth to the requests, plus a small constant rate so
 * that a quiet proxy can retry at all. A token bucket; belongs to one event loop.
 */
final class RetryBudget {
    private static final double TOKENS_PER_REQUEST = 0.2;
    /** Per event loop. */
    private static final double TOKENS_PER_SECOND = 10;

    private static final double MAX_TOKENS = 100;
    private static final double NANOS_PER_SECOND = 1e9;

    private final LongSupplier nanoTime;
    private double tokens = TOKENS_PER_SECOND;
    private long refilledAt;

    RetryBudget(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.refilledAt = nanoTime.getAsLong();
    }

    void requestStarted() {
        tokens = Math.min(MAX_TOKENS, tokens + TOKENS_PER_REQUEST);
    }

    boolean tryRetry() {
        long now = nanoTime.getAsLong();
        tokens = Math.min(MAX_TOKENS, tokens + (now - refilledAt) / NANOS_PER_SECOND * TOKENS_PER_SECOND);
        refilledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
