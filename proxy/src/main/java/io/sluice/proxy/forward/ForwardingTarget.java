package io.sluice.proxy.forward;

import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.health.PassiveHealth;

/** Where a route leads: a pool, who chooses in it, and who watches how its traffic fares. */
public record ForwardingTarget(BalancedPool pool, PassiveHealth passive) {}
