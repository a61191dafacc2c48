/**
 * Performs what the engine decides: asks the proxy and the instances through {@link io.sluice.rollout.driver.TrafficControl} and
 * {@link io.sluice.rollout.driver.InstanceControl}, and tells the engine how it went. {@link io.sluice.rollout.driver.RolloutEngine}
 * is the face that the API sees. Every state is stored before it is acted upon or announced. Knows no HTTP and makes no decision.
 */
@NullMarked
package io.sluice.rollout.driver;

import org.jspecify.annotations.NullMarked;
