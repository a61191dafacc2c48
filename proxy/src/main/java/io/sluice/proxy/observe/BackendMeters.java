package io.sluice.proxy.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sluice.proxy.pool.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The series of one backend id, which go when it does. A new incarnation takes them over. */
final class BackendMeters {
    private final MeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private final Counter succeeded;
    private final Counter failed;
    private final Counter cancelled;
    private volatile Backend current;

    BackendMeters(MeterRegistry registry, Backend backend) {
        this.registry = registry;
        this.tags = Tags.of("pool", backend.pool(), "backend", backend.id());
        this.current = backend;
        this.succeeded = attempts("success");
        this.failed = attempts("failure");
        this.cancelled = attempts("cancelled");
        gauge("sluice.proxy.backend.in.flight", "Requests and tunnels on the backend.", Backend::inFlight);
        gauge("sluice.proxy.backend.eligible", "1 when it may get a request.", each -> each.isEligible() ? 1 : 0);
        gauge(
                "sluice.proxy.backend.breaker",
                "What failures of traffic led to: 0 closed, 1 half open (one request at a time), 2 open (none).",
                BackendMeters::breaker);
    }

    private static int breaker(Backend backend) {
        return switch (backend.breaker()) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
        };
    }

    private Counter attempts(String outcome) {
        Counter counter = Counter.builder("sluice.proxy.upstream.attempts")
                .description("Attempts on the backend.")
                .tags(tags.and("outcome", outcome))
                .register(registry);
        meters.add(counter);
        return counter;
    }

    private void gauge(String name, String description, ToDoubleFunction<Backend> value) {
        meters.add(Gauge.builder(name, this, own -> value.applyAsDouble(own.current))
                .description(description)
                .tags(tags)
                .register(registry));
    }

    void takeOver(Backend incarnation) {
        current = incarnation;
    }

    boolean isAbout(Backend backend) {
        return current.equals(backend);
    }

    void countSuccess() {
        succeeded.increment();
    }

    void countFailure() {
        failed.increment();
    }

    void countCancelled() {
        cancelled.increment();
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
