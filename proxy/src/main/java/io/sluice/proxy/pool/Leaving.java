package io.sluice.proxy.pool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Backends that are in no pool any more and still run something. */
final class Leaving implements PoolChangeListener {
    private final Set<Backend> backends = ConcurrentHashMap.newKeySet();

    @Override
    public void backendRetired(BackendPool pool, Backend backend) {
        backends.add(backend);
        backends.removeIf(Backend::isQuiet);
    }

    Stream<Backend> stillRunning() {
        backends.removeIf(Backend::isQuiet);
        return backends.stream();
    }
}
