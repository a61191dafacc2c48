package io.sluice.proxy.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.route.Route;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The series of one route. */
final class RouteMeters {
    private static final String[] CLASSES = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final String pool;
    private final Counter[] requests = new Counter[CLASSES.length];
    private final Timer duration;
    private final DistributionSummary received;
    private final DistributionSummary sent;

    RouteMeters(MeterRegistry registry, Route route) {
        this.registry = registry;
        this.pool = route.pool();
        Tags tags = Tags.of("pool", pool, "route", route.name());
        for (int i = 0; i < CLASSES.length; i++) {
            requests[i] = Counter.builder("sluice.proxy.requests")
                    .description("Requests answered, by class of status.")
                    .tags(tags.and("code", CLASSES[i]))
                    .register(registry);
        }
        duration = Timer.builder("sluice.proxy.request.duration")
                .description("From the request head to the end of the response.")
                .serviceLevelObjectives(BUCKETS)
                .tags(tags)
                .register(registry);
        received = bytes(registry, "sluice.proxy.request.bytes", "Request bodies.", tags);
        sent = bytes(registry, "sluice.proxy.response.bytes", "Response bodies.", tags);
    }

    private static DistributionSummary bytes(MeterRegistry registry, String name, String description, Tags tags) {
        return DistributionSummary.builder(name)
                .description(description)
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
    }

    /** Whether its labels are those of this route. */
    boolean isOf(Route route) {
        return pool.equals(route.pool());
    }

    void remove() {
        for (Counter each : requests) {
            registry.remove(each);
        }
        registry.remove(duration);
        registry.remove(received);
        registry.remove(sent);
    }

    void count(FinishedExchange exchange) {
        int codeClass = exchange.status() / 100;
        if (codeClass >= 1 && codeClass <= CLASSES.length) {
            requests[codeClass - 1].increment();
        }
        duration.record(exchange.durationNanos(), TimeUnit.NANOSECONDS);
        received.record((double) exchange.requestBytes());
        sent.record((double) exchange.responseBytes());
    }
}
