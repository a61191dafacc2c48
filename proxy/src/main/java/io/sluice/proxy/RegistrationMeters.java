package io.sluice.proxy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.api.RegistrationView;
import io.sluice.proxy.registration.RegistrationDesk;
import io.sluice.proxy.registration.RegistrationObserver;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** The series of those that register with one pool, which go when it does. */
final class RegistrationMeters implements RegistrationObserver {
    private final MeterRegistry registry;
    private final String pool;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<Event, Counter> events = new EnumMap<>(Event.class);

    RegistrationMeters(MeterRegistry registry, String pool) {
        this.registry = registry;
        this.pool = pool;
        for (Event event : Event.values()) {
            Counter counter = Counter.builder("sluice.proxy.registration.events")
                    .description("What became of registrations and heartbeats.")
                    .tag("pool", pool)
                    .tag("event", event.name().toLowerCase(Locale.ROOT))
                    .register(registry);
            meters.add(counter);
            events.put(event, counter);
        }
    }

    void follow(RegistrationDesk desk) {
        gauge(
                desk,
                "sluice.proxy.registration.leases",
                "Registered instances.",
                view -> view.leases().size());
        gauge(
                desk,
                "sluice.proxy.registration.preserving",
                "1 while so many registrations have run out at once that they are kept.",
                view -> view.preserving() ? 1 : 0);
    }

    private void gauge(
            RegistrationDesk desk, String name, String description, ToDoubleFunction<RegistrationView> value) {
        meters.add(Gauge.builder(name, desk, each -> value.applyAsDouble(each.view()))
                .description(description)
                .tag("pool", pool)
                .register(registry));
    }

    @Override
    public void happened(Event event) {
        Objects.requireNonNull(events.get(event)).increment();
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
