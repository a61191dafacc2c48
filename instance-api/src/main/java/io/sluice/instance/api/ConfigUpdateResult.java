package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;

/** Answer to an accepted {@code config-update} or {@code config-restore}; {@code hash} names the bundle now running (for a validation: that would run). */
@JsonNaming(SnakeCaseStrategy.class)
public record ConfigUpdateResult(
        String status,
        boolean changed,
        String instanceId,
        long generation,
        String hash,
        String webhooksVersion,
        String connectionsVersion,
        List<String> warnings,
        Instant timestamp,
        String version) {}
