package io.sluice.rollout.store;

import io.sluice.rollout.plan.Rollout;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One record of the journal: a new reign, or the after-image of a rollout with only those of its steps that changed.
 *
 * @param epoch the reign that wrote it
 */
record Entry(
        Instant at,
        long epoch,
        @Nullable Rollout rollout,
        @Nullable StoredKey key) {}
