package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/** Answer to {@code GET /admin/config-version}; versions are {@link ConfigHash}es, {@code source} tells where the running configuration came from. */
@JsonNaming(SnakeCaseStrategy.class)
public record ConfigVersion(
        String webhooksVersion,
        String connectionsVersion,
        long generation,
        String hash,
        Instant lastReload,
        String source,
        String instanceId) {}
