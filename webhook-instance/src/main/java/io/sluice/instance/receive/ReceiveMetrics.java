package io.sluice.instance.receive;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.instance.verify.Rejection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/** Counts what comes in. Labels are bounded: ids come from the configuration, unknown ones share one label, reasons are from fixed sets. */
public final class ReceiveMetrics {
    static final String UNKNOWN = "unknown";

    /** From one force of a good disk to where senders give up. */
    private static final Duration[] BUCKETS = LongStream.of(
                    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final LongSupplier nanos;
    private final Counter duplicates;
    private final Timer commits;
    private final Map<String, Timer> times = new ConcurrentHashMap<>();
    private final Map<String, DistributionSummary> sizes = new ConcurrentHashMap<>();

    /** {@code nanos}: a monotonic clock. */
    public ReceiveMetrics(MeterRegistry registry, LongSupplier nanos) {
        this.registry = registry;
        this.nanos = nanos;
        this.duplicates = Counter.builder("webhook_duplicates")
                .description("Deliveries that had been accepted before")
                .register(registry);
        this.commits = Timer.builder("outbox_commit")
                .description("From an event handed to the outbox until it is on disk")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private Timer timer(String webhook) {
        return Timer.builder("webhook_request")
                .description("From a request's head to its answer")
                .tag("webhook", webhook)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private DistributionSummary summary(String webhook) {
        return DistributionSummary.builder("webhook_body_bytes")
                .tag("webhook", webhook)
                .register(registry);
    }

    long now() {
        return nanos.getAsLong();
    }

    /** {@code code} is the status sent, or {@code aborted}. */
    void finished(String webhook, String code, String reason, long startNanos) {
        registry.counter("webhook_requests", "webhook", webhook, "code", code, "reason", reason)
                .increment();
        times.computeIfAbsent(webhook, this::timer).record(nanos.getAsLong() - startNanos, TimeUnit.NANOSECONDS);
    }

    void body(String webhook, long bytes) {
        sizes.computeIfAbsent(webhook, this::summary).record((double) bytes);
    }

    void committed(long startNanos) {
        commits.record(nanos.getAsLong() - startNanos, TimeUnit.NANOSECONDS);
    }

    /** Acknowledged before it was on disk, where it then did not get. */
    void lost(String webhook, String reason) {
        registry.counter("webhook_lost", "webhook", webhook, "reason", reason).increment();
    }

    void rejected(String webhook, Rejection rejection) {
        registry.counter(
                        "webhook_auth_failures",
                        "webhook",
                        webhook,
                        "scheme",
                        rejection.scheme(),
                        "reason",
                        rejection.reason())
                .increment();
    }

    void duplicate() {
        duplicates.increment();
    }
}
