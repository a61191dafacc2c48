package io.sluice.proxy.observe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The counters of one metric for one backend, by one more label. Each of them exists from when it first counts: of what can happen to a backend,
 * most never does, and a metric has room for so many series only. Thread-safe.
 */
final class LazyCounters {
    /**
     * A metric by pool, backend and one more label.
     *
     * @param label the name of that one
     * @param values all that it can be
     */
    record Metric(String name, String description, String label, List<String> values) {}

    private final MeterRegistry registry;
    private final SeriesBudget budget;
    private final Metric metric;
    private final String pool;
    private final String backend;
    private final AtomicReferenceArray<Counter> counters;

    @GuardedBy("this")
    private final Map<Counter, SeriesBudget.Place> made = new HashMap<>();

    @GuardedBy("this")
    private boolean removed;

    LazyCounters(MeterRegistry registry, SeriesBudget budget, Metric metric, String pool, String backend) {
        this.registry = registry;
        this.budget = budget;
        this.metric = metric;
        this.pool = pool;
        this.backend = backend;
        this.counters = new AtomicReferenceArray<>(metric.values().size());
    }

    /** @param value the index of the label's value */
    void increment(int value) {
        Counter counter = counters.get(value);
        if (counter == null) {
            first(value);
        } else {
            counter.increment();
        }
    }

    private synchronized void first(int value) {
        if (removed) {
            return;
        }
        Counter counter = counters.get(value);
        if (counter == null) {
            counter = make(metric.values().get(value));
            counters.set(value, counter);
        }
        counter.increment();
    }

    @GuardedBy("this")
    private Counter make(String value) {
        SeriesBudget.Place place = budget.claim(metric.name(), value, 1, pool, backend);
        Counter counter = Counter.builder(metric.name())
                .description(metric.description())
                .tags("pool", place.pool(), "backend", place.name(), metric.label(), value)
                .register(registry);
        made.put(counter, place);
        return counter;
    }

    /** Takes the series away; what others share stays. */
    synchronized void remove() {
        removed = true;
        made.forEach((counter, place) -> {
            budget.giveBack(metric.name(), 1, place);
            if (!place.isShared()) {
                registry.remove(counter);
            }
        });
        made.clear();
    }
}
