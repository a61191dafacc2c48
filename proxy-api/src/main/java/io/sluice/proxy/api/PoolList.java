package io.sluice.proxy.api;

import java.util.List;

/** Every pool of one proxy process. */
public record PoolList(String bootId, List<PoolView> pools) {
    public PoolList {
        pools = List.copyOf(pools);
    }
}
