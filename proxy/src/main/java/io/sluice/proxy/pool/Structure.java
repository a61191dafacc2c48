package io.sluice.proxy.pool;

import java.util.List;

/** Which pools and routes there are, without the pools' backends. */
public record Structure(List<Document> pools, RoutesState routes) {
    public Structure {
        pools = List.copyOf(pools);
    }
}
