package io.sluice.instance;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts connections, and what is turned away before anybody knows what it wanted. */
final class ListenerMetrics {
    /** Why. */
    enum Reason {
        CONNECTIONS,
        TIMEOUT,
        MALFORMED,
        HEADERS
    }

    private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
    private final AtomicInteger connections = new AtomicInteger();

    ListenerMetrics(MeterRegistry registry) {
        for (Reason reason : Reason.values()) {
            refused.put(
                    reason,
                    Counter.builder("listener_refused")
                            .description(
                                    "Connections over the limit or idle for too long, requests that are malformed or too large in their head")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        Gauge.builder("listener_connections", connections, AtomicInteger::get)
                .description("Open connections")
                .register(registry);
    }

    void refused(Reason reason, int times) {
        refused.computeIfPresent(reason, (key, counter) -> {
            counter.increment(times);
            return counter;
        });
    }

    /** How many are open now, with this one. */
    int opened() {
        return connections.incrementAndGet();
    }

    void closed() {
        connections.decrementAndGet();
    }
}
