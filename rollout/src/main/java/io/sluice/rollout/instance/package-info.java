/**
 * The engine's hands on the webhook instances: {@link io.sluice.rollout.instance.InstanceClient} speaks their admin API. Knows nothing of
 * pools or of rollouts' states.
 */
@NullMarked
package io.sluice.rollout.instance;

import org.jspecify.annotations.NullMarked;
