package io.sluice.instance.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/** Answer to {@code GET /admin/config}: the exact documents, {@code {$VAR}} unsubstituted. */
@JsonNaming(SnakeCaseStrategy.class)
public record ConfigDocuments(
        JsonNode webhooks,
        JsonNode connections,
        String webhooksVersion,
        String connectionsVersion,
        String hash,
        long generation,
        String instanceId) {}
