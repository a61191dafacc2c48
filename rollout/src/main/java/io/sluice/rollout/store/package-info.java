/**
 * Keeps rollouts, documents and idempotency keys on disk: an append-only journal of changes and a folder of documents named by their
 * hash. A change is durable when its future completes. Knows nothing of how a rollout goes on.
 */
@NullMarked
package io.sluice.rollout.store;

import org.jspecify.annotations.NullMarked;
