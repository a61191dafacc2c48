package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** One check inside a {@link HealthReport}. {@code status}: pass, warn or fail. */
@JsonNaming(SnakeCaseStrategy.class)
public record HealthCheck(String status, @Nullable String detail) {}
