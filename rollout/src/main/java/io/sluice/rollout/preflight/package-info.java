/**
 * The check of a configuration before any instance is touched. {@link io.sluice.rollout.preflight.Preflight} asks every reachable
 * instance to validate it and puts their findings together. Changes nothing and knows nothing of rollouts' states.
 */
@NullMarked
package io.sluice.rollout.preflight;

import org.jspecify.annotations.NullMarked;
