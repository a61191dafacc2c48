package io.sluice.proxy.observe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps each metric below {@value #MAX} series, however many backends and routes there are. Who comes when its metric is nearly full shares the
 * series {@value #OTHER} of its pool, and when there are too many of these as well, the one of all pools. Thread-safe.
 */
final class SeriesBudget {
    static final int MAX = 1_000;
    static final String OTHER = "_other";

    private static final int MAX_OWN = 900;
    /** What is left is for the series of all pools, of which a metric has one for each of a few outcomes. */
    private static final int MAX_OF_POOLS = 980;

    /** Where something is counted. */
    record Place(String pool, String name) {
        boolean isShared() {
            return name.equals(OTHER);
        }
    }

    @GuardedBy("this")
    private final Map<String, Integer> taken = new HashMap<>();

    @GuardedBy("this")
    private final Map<Shared, Integer> shared = new HashMap<>();

    /** What tells apart the series {@value #OTHER} of pools. */
    private record Shared(String metric, String variant, String pool) {}

    /**
     * Where to count from now on.
     *
     * @param variant tells apart what a metric counts for the same name; empty when that is one thing
     * @param series how many series it needs
     */
    synchronized Place claim(String metric, String variant, int series, String pool, String name) {
        int now = taken.getOrDefault(metric, 0);
        if (now + series <= MAX_OWN) {
            taken.put(metric, now + series);
            return new Place(pool, name);
        }
        Shared key = new Shared(metric, variant, pool);
        if (shared.containsKey(key)) {
            return new Place(pool, OTHER);
        }
        if (now + series <= MAX_OF_POOLS) {
            taken.put(metric, now + series);
            shared.put(key, series);
            return new Place(pool, OTHER);
        }
        return new Place(OTHER, OTHER);
    }

    /** A pool is gone, and with it its series {@value #OTHER}. */
    synchronized void forget(String pool) {
        for (Shared each : List.copyOf(shared.keySet())) {
            if (each.pool().equals(pool)) {
                taken.merge(each.metric(), -shared.getOrDefault(each, 0), Integer::sum);
                shared.remove(each);
            }
        }
    }

    /** What was claimed is used no more; what is shared stays. */
    synchronized void giveBack(String metric, int series, Place place) {
        if (!place.isShared()) {
            taken.merge(metric, -series, Integer::sum);
        }
    }
}
