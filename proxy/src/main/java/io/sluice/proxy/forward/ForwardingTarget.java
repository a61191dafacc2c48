package io.sluice.proxy.forward;

import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.health.PassiveHealth;
import io.sluice.proxy.tls.BackendTls;
import org.jspecify.annotations.Nullable;

/**
 * Where a route leads: a pool, who chooses in it, and who watches how its traffic fares.
 *
 * @param tls how its backends are spoken to; absent without TLS
 */
public record ForwardingTarget(
        BalancedPool pool, PassiveHealth passive, @Nullable BackendTls tls) {
    public ForwardingTarget(BalancedPool pool, PassiveHealth passive) {
        this(pool, passive, null);
    }
}
