package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.Map;

/** Answer to {@code GET /admin/health}. {@code status}: healthy, degraded (200), unhealthy, draining (503); {@code checks} say how it would be without a drain. */
@JsonNaming(SnakeCaseStrategy.class)
public record HealthReport(
        String status,
        String configManager,
        Instant timestamp,
        String instanceId,
        String message,
        long generation,
        String hash,
        Map<String, HealthCheck> checks) {}
