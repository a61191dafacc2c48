package io.sluice.rollout.api;

import io.sluice.rollout.plan.Verb;
import org.jspecify.annotations.Nullable;

/** Body of {@code POST /v1/rollouts/{id}/actions}. */
record ActionBody(Verb action, @Nullable String reason) {}
