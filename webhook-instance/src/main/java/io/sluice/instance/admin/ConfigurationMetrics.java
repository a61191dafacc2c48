package io.sluice.instance.admin;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.CurrentConfiguration;
import java.util.List;

/** Shows to Prometheus which configuration runs. */
public final class ConfigurationMetrics {
    private final CurrentConfiguration current;
    private final String instanceId;
    private final MultiGauge info;

    public ConfigurationMetrics(CurrentConfiguration current, String instanceId, MeterRegistry registry) {
        this.current = current;
        this.instanceId = instanceId;
        this.info = MultiGauge.builder("config_hash")
                .description("1 for the configuration that runs")
                .register(registry);
        Gauge.builder("config_generation", () -> current.get().generation())
                .description("Configurations this instance has applied")
                .register(registry);
    }

    /** Brings the hash up to date. */
    public void refresh() {
        Configuration now = current.get();
        info.register(List.of(MultiGauge.Row.of(Tags.of("instance_id", instanceId, "hash", now.hash()), 1)), true);
    }
}
