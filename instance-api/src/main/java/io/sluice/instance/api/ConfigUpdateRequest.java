package io.sluice.instance.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** Body of {@code POST /admin/config-update}. {@code ifHash} and {@code ifGeneration} make it a compare-and-set; {@code validateOnly} checks without changing. */
@JsonNaming(SnakeCaseStrategy.class)
public record ConfigUpdateRequest(
        ConfigType type,
        JsonNode config,
        @Nullable String ifHash,
        @Nullable Long ifGeneration,
        @Nullable Boolean validateOnly,
        @Nullable String source) {}
