package io.sluice.proxy.pool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which pools there are, and who wants to know. Changed by the writer alone once it runs, read by anybody. */
final class PoolDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(PoolDirectory.class);

    private volatile Map<String, BackendPool> pools = new LinkedHashMap<>();
    private volatile RoutesState routes = RoutesState.NONE;
    private volatile FileContents file;
    private final List<PoolChangeListener> listeners = new ArrayList<>();
    private final List<StructureListener> structureListeners = new ArrayList<>();

    /** @param file as this process has read it */
    PoolDirectory(FileContents file) {
        this.file = file;
    }

    /** The file as this process took it in last. */
    FileContents file() {
        return file;
    }

    void set(FileContents taken) {
        file = taken;
    }

    @Nullable
    BackendPool find(String name) {
        return pools.get(name);
    }

    List<BackendPool> all() {
        return List.copyOf(pools.values());
    }

    RoutesState routes() {
        return routes;
    }

    Wishes wishes() {
        return new Wishes(all().stream().map(pool -> pool.snapshot().state()).toList(), routes);
    }

    /** Makes these the pools, in this order. */
    synchronized void set(List<BackendPool> next) {
        Map<String, BackendPool> byName = new LinkedHashMap<>();
        next.forEach(pool -> byName.put(pool.name(), pool));
        List<BackendPool> before = all();
        pools = byName;
        for (BackendPool pool : next) {
            if (!before.contains(pool)) {
                listeners.forEach(pool::addListener);
                tell(listener -> listener.poolAdded(pool));
            }
        }
        before.stream()
                .filter(pool -> !next.contains(pool))
                .forEach(pool -> tell(listener -> listener.poolRemoved(pool)));
    }

    synchronized void set(RoutesState next) {
        if (!next.equals(routes)) {
            routes = next;
            tell(listener -> listener.routesChanged(next));
        }
    }

    /** Tells it of every pool that there is and will be. */
    synchronized void addListener(PoolChangeListener listener) {
        listeners.add(listener);
        all().forEach(pool -> pool.addListener(listener));
    }

    synchronized void addListener(StructureListener listener) {
        structureListeners.add(listener);
    }

    private void tell(Consumer<StructureListener> news) {
        for (StructureListener listener : structureListeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("a listener failed", e);
            }
        }
    }
}
