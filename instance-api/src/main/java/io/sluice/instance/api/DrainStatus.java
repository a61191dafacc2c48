package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;

/** Answer to drain, undrain and drain-status. {@code state}: active, lame_duck, draining or drained. */
@JsonNaming(SnakeCaseStrategy.class)
public record DrainStatus(
        String status,
        boolean draining,
        String state,
        List<String> holders,
        long inFlight,
        long outboxPending,
        String instanceId,
        Instant timestamp,
        String message) {}
