package io.sluice.proxy.forward;

import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.health.PassiveHealth;
import io.sluice.proxy.tls.BackendTransport;

/**
 * Where a route leads: a pool, who chooses in it, and who watches how its traffic fares.
 *
 * @param transport how its backends are spoken to
 */
public record ForwardingTarget(BalancedPool pool, PassiveHealth passive, BackendTransport transport) {
    public ForwardingTarget(BalancedPool pool, PassiveHealth passive) {
        this(pool, passive, BackendTransport.PLAIN);
    }
}
