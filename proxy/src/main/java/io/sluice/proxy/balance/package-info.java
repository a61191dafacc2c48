/**
 * Picks a backend for one attempt, from the pool as it is now. {@link io.sluice.proxy.balance.LoadBalancer} is the choice,
 * {@link io.sluice.proxy.balance.BalancedPool} ties it to a pool. It knows counts and weights, but neither requests nor why a backend
 * is not eligible.
 */
@NullMarked
package io.sluice.proxy.balance;

import org.jspecify.annotations.NullMarked;
