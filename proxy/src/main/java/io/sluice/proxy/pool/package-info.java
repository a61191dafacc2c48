/**
 * The live pools: who may get a request right now, and the exact count of what runs on each backend. {@link io.sluice.proxy.pool.Pools}
 * takes changes through one writer that journals them before they take effect; {@link io.sluice.proxy.pool.BackendPool} is one pool,
 * read through an immutable {@link io.sluice.proxy.pool.PoolSnapshot}. Plain Java: it must not know how requests are transported or
 * how its changes arrive.
 */
@NullMarked
package io.sluice.proxy.pool;

import org.jspecify.annotations.NullMarked;
