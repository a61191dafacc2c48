package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/** A step of an event that was given up. {@code reason} begins with parked, permanent or exhausted. */
@JsonNaming(SnakeCaseStrategy.class)
public record DeadLetterView(
        String id,
        String eventId,
        String webhookId,
        String stepId,
        int attempts,
        Instant arrivedAt,
        Instant diedAt,
        String reason) {}
