package io.sluice.proxy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** The series of one source of one pool's backends, which go when it does. */
final class SourceMeters {
    private final MeterRegistry registry;
    private final String pool;
    private final List<Meter> meters = new ArrayList<>();

    SourceMeters(MeterRegistry registry, String pool) {
        this.registry = registry;
        this.pool = pool;
    }

    /** A counter for each value of a tag; the result counts one up. */
    Consumer<String> counters(String name, String description, String tag, List<String> values) {
        Map<String, Counter> counters = new HashMap<>();
        for (String value : values) {
            Counter counter = Counter.builder(name)
                    .description(description)
                    .tag("pool", pool)
                    .tag(tag, value)
                    .register(registry);
            meters.add(counter);
            counters.put(value, counter);
        }
        return value -> Objects.requireNonNull(counters.get(value)).increment();
    }

    <T> void gauge(String name, String description, T of, ToDoubleFunction<T> value) {
        meters.add(Gauge.builder(name, of, value)
                .description(description)
                .tag("pool", pool)
                .register(registry));
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
