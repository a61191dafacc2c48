package io.sluice.instance.outbox;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows an outbox to Prometheus. */
public final class OutboxMetrics {
    private final Outbox outbox;
    private final MultiGauge pending;
    private final MultiGauge dead;

    public OutboxMetrics(Outbox outbox, MeterRegistry registry, Clock clock) {
        this.outbox = outbox;
        this.pending = MultiGauge.builder("outbox_pending")
                .description("Events with a step to deliver")
                .register(registry);
        this.dead = MultiGauge.builder("dead_letters")
                .description("Steps that were given up")
                .register(registry);
        Gauge.builder("outbox_bytes", () -> outbox.status().bytes()).register(registry);
        Gauge.builder("outbox_accepting", () -> outbox.refusal().isEmpty() ? 1 : 0)
                .register(registry);
        Gauge.builder("outbox_oldest_age_seconds", () -> age(outbox.status().oldestPending(), clock))
                .register(registry);
        FunctionCounter.builder("outbox_damaged_records", outbox, box ->
                        (double) box.status().damaged())
                .register(registry);
    }

    private static double age(Optional<Instant> oldest, Clock clock) {
        return oldest.map(arrival -> Duration.between(arrival, clock.instant()).toMillis() / 1000.0)
                .orElse(0.0);
    }

    /** Brings the counts by webhook up to date. */
    public void refresh() {
        OutboxStatus status = outbox.status();
        pending.register(rows(status.pendingByWebhook()), true);
        dead.register(rows(status.deadByWebhook()), true);
    }

    private static List<MultiGauge.Row<?>> rows(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .<MultiGauge.Row<?>>map(count -> MultiGauge.Row.of(Tags.of("webhook", count.getKey()), count::getValue))
                .toList();
    }
}
