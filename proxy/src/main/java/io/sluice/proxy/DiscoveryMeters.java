package io.sluice.proxy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.api.DiscoveryView;
import io.sluice.proxy.discovery.Discovery;
import io.sluice.proxy.discovery.DiscoveryObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** The series of one pool's DNS name, which go when it does. */
final class DiscoveryMeters implements DiscoveryObserver {
    private final MeterRegistry registry;
    private final String pool;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<String, Counter> lookups = new HashMap<>();

    DiscoveryMeters(MeterRegistry registry, String pool) {
        this.registry = registry;
        this.pool = pool;
        for (String outcome : Discovery.OUTCOMES) {
            Counter counter = Counter.builder("sluice.proxy.discovery.lookups")
                    .description("Lookups of a pool's DNS name, by what came of them.")
                    .tag("pool", pool)
                    .tag("outcome", outcome)
                    .register(registry);
            meters.add(counter);
            lookups.put(outcome, counter);
        }
    }

    void follow(Discovery discovery) {
        gauge(
                discovery,
                "sluice.proxy.discovery.addresses",
                "Addresses in the last answer.",
                view -> view.addresses().size());
        gauge(
                discovery,
                "sluice.proxy.discovery.failing",
                "1 while the newest lookup told nothing.",
                view -> view.failure() == null ? 0 : 1);
        gauge(
                discovery,
                "sluice.proxy.discovery.kept",
                "Backends that the last answer does not name and that stay.",
                view -> view.kept().size());
    }

    private void gauge(Discovery discovery, String name, String description, ToDoubleFunction<DiscoveryView> value) {
        meters.add(Gauge.builder(name, discovery, each -> value.applyAsDouble(each.view()))
                .description(description)
                .tag("pool", pool)
                .register(registry));
    }

    @Override
    public void lookedUp(String outcome) {
        Objects.requireNonNull(lookups.get(outcome)).increment();
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
