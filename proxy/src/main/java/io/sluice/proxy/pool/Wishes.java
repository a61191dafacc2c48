package io.sluice.proxy.pool;

import java.util.List;
import java.util.Optional;

/** What is wished of all pools and routes together. */
record Wishes(List<PoolState> pools, RoutesState routes) {
    Wishes {
        pools = List.copyOf(pools);
    }

    Optional<PoolState> pool(String name) {
        return pools.stream().filter(pool -> pool.pool().equals(name)).findFirst();
    }

    Structure structure() {
        return new Structure(pools.stream().map(PoolState::document).toList(), routes);
    }

    /** This, with the next revision for everything that says anything else than {@code before}. */
    Wishes after(Wishes before, StoredPools stored) {
        return new Wishes(
                pools.stream().map(pool -> after(pool, before, stored)).toList(), routes.after(before.routes));
    }

    private static PoolState after(PoolState pool, Wishes before, StoredPools stored) {
        Optional<PoolState> known = before.pool(pool.pool());
        if (known.isPresent() && known.get().equals(pool)) {
            return pool;
        }
        return pool.withRevision(known.map(PoolState::revision).orElse(stored.lastRevision(pool.pool())) + 1);
    }
}
