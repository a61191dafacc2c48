/**
 * One JSON request to another program and what came of it. {@link io.sluice.rollout.remote.RemoteEndpoint} sends it and sorts every
 * failure by the question that matters to an engine: was nothing sent, is the outcome unknown, or did the other side refuse. Knows
 * neither the proxy's nor the instance's API.
 */
@NullMarked
package io.sluice.rollout.remote;

import org.jspecify.annotations.NullMarked;
