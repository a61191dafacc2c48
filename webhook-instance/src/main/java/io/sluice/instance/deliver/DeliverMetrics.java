package io.sluice.instance.deliver;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.instance.outbox.Attempt;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/** Counts attempts. Labels come from configurations: a few webhooks, a few steps each. */
public final class DeliverMetrics {
    /** From a module that answers at once to a day of retries. */
    private static final Duration[] BUCKETS = LongStream.of(
                    5, 25, 100, 500, 1000, 5000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 86_400_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final LongSupplier nanos;
    private final Clock clock;

    /** {@code nanos}: a monotonic clock. */
    public DeliverMetrics(MeterRegistry registry, LongSupplier nanos, Clock clock) {
        this.registry = registry;
        this.nanos = nanos;
        this.clock = clock;
    }

    long now() {
        return nanos.getAsLong();
    }

    /** The step is confirmed; what counts is the time since the webhook came in, retries and restarts included. */
    void delivered(Attempt attempt) {
        Duration latency = Duration.between(attempt.arrival(), clock.instant());
        Timer.builder("delivery_latency")
                .description("From an accepted webhook to its delivery by one step")
                .tag("webhook", attempt.webhookId())
                .tag("step", attempt.stepId())
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(latency.isNegative() ? Duration.ZERO : latency);
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
