package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** For pools that never come and go while the process runs, and no routes. */
final class FixedPools implements Interpreter, Interpreter.Prepared {
    private final List<PoolSettings> pools;

    FixedPools(List<PoolSettings> pools) {
        this.pools = List.copyOf(pools);
    }

    @Override
    public PoolSettings pool(String name, ObjectNode document) {
        return settings(name);
    }

    @Override
    public PoolSettings settings(String pool) {
        return pools.stream()
                .filter(settings -> settings.name().equals(pool))
                .findFirst()
                .orElseThrow(() -> new ChangeRefusedException(Refusal.INVALID, "pool " + pool + " has no settings"));
    }

    @Override
    public Prepared prepare(Structure next, @Nullable FileContents taken) {
        return this;
    }

    @Override
    public List<String> routesTo(String pool, RoutesState routes) {
        return List.of();
    }

    @Override
    public void takeEffect(Function<String, BackendPool> live) {}
}
