package io.sluice.instance.deliver;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.instance.outbox.Attempt;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Counts attempts. Labels come from configurations: a few webhooks, a few steps each. */
public final class DeliverMetrics {
    private final MeterRegistry registry;
    private final LongSupplier nanos;

    /** {@code nanos}: a monotonic clock. */
    public DeliverMetrics(MeterRegistry registry, LongSupplier nanos) {
        this.registry = registry;
        this.nanos = nanos;
    }

    long now() {
        return nanos.getAsLong();
    }

    void ended(Attempt attempt, String result, long startNanos) {
        registry.counter(
                        "delivery_attempts", "webhook", attempt.webhookId(), "step", attempt.stepId(), "result", result)
                .increment();
        Timer.builder("delivery")
                .tag("webhook", attempt.webhookId())
                .tag("step", attempt.stepId())
                .register(registry)
                .record(nanos.getAsLong() - startNanos, TimeUnit.NANOSECONDS);
    }
}
