package io.sluice.rollout.store;

import java.time.Instant;

/** An idempotency key, the fingerprint of the request that it came with, and the rollout that it made. */
public record StoredKey(String key, String fingerprint, String rollout, Instant at) {}
