package io.sluice.proxy;

import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Interpreter;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.route.RouteSettings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Pools, without their backends, and routes that fit each other.
 *
 * @param live where they take effect
 * @param onEffect called when they have
 */
record PreparedStructure(
        Map<String, ConfiguredPool> pools, List<RouteSettings> routes, LiveStructure live, Runnable onEffect)
        implements Interpreter.Prepared {
    @Override
    public PoolSettings settings(String pool) {
        return Objects.requireNonNull(pools.get(pool), pool).pool();
    }

    @Override
    public void takeEffect(Function<String, BackendPool> found) {
        live.takeEffect(this, found);
        onEffect.run();
    }
}
