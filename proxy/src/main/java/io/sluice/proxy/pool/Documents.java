package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What pools do understand of their documents. */
final class Documents {
    static final String BACKENDS = "backends";
    static final String FLOOR = "min-in-service";

    private Documents() {}

    /** What is left of a pool's document when what its state says itself is taken out. */
    static ObjectNode withoutBackends(ObjectNode document) {
        ObjectNode rest = document.deepCopy();
        rest.remove(BACKENDS);
        rest.remove(FLOOR);
        return rest;
    }

    /** The whole document of a pool, as it is now; without backends that come and go by themselves. */
    static ObjectNode whole(PoolState state) {
        ObjectNode whole = state.settings().deepCopy();
        if (state.minInService() != null) {
            whole.put(FLOOR, state.minInService());
        }
        ObjectNode backends = whole.putObject(BACKENDS);
        for (BackendState backend : state.backends()) {
            if (backend.source().isDynamic()) {
                continue;
            }
            ObjectNode each = backends.putObject(backend.id()).put("address", backend.address());
            if (backend.adminUrl() != null) {
                each.put("admin-url", backend.adminUrl());
            }
            if (backend.weight() != 1) {
                each.put("weight", backend.weight());
            }
            if (backend.backup()) {
                each.put("backup", true);
            }
            if (backend.maxInFlight() != null) {
                each.put("max-in-flight", backend.maxInFlight());
            }
        }
        return whole;
    }
}
