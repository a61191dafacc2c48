package io.sluice.instance.receive;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.instance.verify.Rejection;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Counts what comes in. Labels are bounded: ids come from the configuration, unknown ones share one label, reasons are from fixed sets. */
public final class ReceiveMetrics {
    static final String UNKNOWN = "unknown";

    private final MeterRegistry registry;
    private final LongSupplier nanos;
    private final Counter duplicates;

    /** {@code nanos}: a monotonic clock. */
    public ReceiveMetrics(MeterRegistry registry, LongSupplier nanos) {
        this.registry = registry;
        this.nanos = nanos;
        this.duplicates = Counter.builder("webhook_duplicates")
                .description("Deliveries that had been accepted before")
                .register(registry);
    }

    long now() {
        return nanos.getAsLong();
    }

    /** {@code code} is the status sent, or {@code aborted}. */
    void finished(String webhook, String code, String reason, long startNanos) {
        registry.counter("webhook_requests", "webhook", webhook, "code", code, "reason", reason)
                .increment();
        Timer.builder("webhook_request")
                .tag("webhook", webhook)
                .register(registry)
                .record(nanos.getAsLong() - startNanos, TimeUnit.NANOSECONDS);
    }

    void body(String webhook, long bytes) {
        DistributionSummary.builder("webhook_body_bytes")
                .tag("webhook", webhook)
                .register(registry)
                .record((double) bytes);
    }

    void committed(long startNanos) {
        Timer.builder("outbox_commit").register(registry).record(nanos.getAsLong() - startNanos, TimeUnit.NANOSECONDS);
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
