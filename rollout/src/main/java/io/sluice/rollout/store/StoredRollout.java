package io.sluice.rollout.store;

import io.sluice.rollout.plan.Rollout;
import java.time.Instant;

/** A rollout and when it was last changed. */
public record StoredRollout(Rollout rollout, Instant at) {}
