package io.sluice.service.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTest {
    @Test
    void scrapesTheJvmAndWhatAProgramRegisters() {
        try (Metrics metrics = new Metrics()) {
            metrics.registry().counter("sluice.things").increment(3);

            assertThat(metrics.scrape())
                    .contains("sluice_things_total 3.0")
                    .contains("jvm_memory_used_bytes")
                    .contains("jvm_threads_live_threads")
                    .contains("process_uptime_seconds");
        }
    }

    @Test
    void twoProgramsInOneProcessDoNotShareMeters() {
        try (Metrics one = new Metrics();
                Metrics other = new Metrics()) {
            one.registry().counter("sluice.things").increment();

            assertThat(other.scrape()).doesNotContain("sluice_things");
        }
    }
}
