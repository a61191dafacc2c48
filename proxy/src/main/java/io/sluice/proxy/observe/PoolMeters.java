package io.sluice.proxy.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.pool.BackendPool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The series of one pool, which go when it does. */
final class PoolMeters {
    private final MeterRegistry registry;
    private final BackendPool pool;
    private final List<Meter> meters = new ArrayList<>();

    PoolMeters(MeterRegistry registry, BackendPool pool) {
        this.registry = registry;
        this.pool = pool;
        gauge(
                "sluice.proxy.pool.revision",
                "The pool's revision.",
                each -> each.snapshot().revision());
        gauge(
                "sluice.proxy.pool.in.service",
                "Eligible backends.",
                each -> each.snapshot().inService());
        gauge("sluice.proxy.pool.waiting", "Requests that wait for a backend.", BackendPool::waiting);
        gauge(
                "sluice.proxy.pool.panic",
                "1 while health is overlooked, because heeding it would leave nobody.",
                each -> each.snapshot().isPanicking() ? 1 : 0);
    }

    private void gauge(String name, String description, ToDoubleFunction<BackendPool> value) {
        meters.add(Gauge.builder(name, pool, value)
                .description(description)
                .tag("pool", pool.name())
                .register(registry));
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
