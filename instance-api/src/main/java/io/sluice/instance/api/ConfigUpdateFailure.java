package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answer to a refused {@code config-update}: {@code status} is {@code error} (400) or {@code conflict} (409); the generation and hash are those still running. */
@JsonNaming(SnakeCaseStrategy.class)
public record ConfigUpdateFailure(
        String status,
        @Nullable String error,
        List<ConfigProblem> errors,
        List<String> warnings,
        String instanceId,
        long generation,
        String hash,
        Instant timestamp) {}
