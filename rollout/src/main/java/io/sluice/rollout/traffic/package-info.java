/**
 * The engine's hands on the proxy's pools: {@link io.sluice.rollout.traffic.ProxyClient} speaks the admin API of a proxy. Knows nothing
 * of instances or of rollouts' states.
 */
@NullMarked
package io.sluice.rollout.traffic;

import org.jspecify.annotations.NullMarked;
