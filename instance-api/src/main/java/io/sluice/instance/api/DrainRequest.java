package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** Body of {@code POST /admin/drain} and {@code /admin/undrain}; every field may be missing. The holder is {@code operator} by default; milliseconds. */
@JsonNaming(SnakeCaseStrategy.class)
public record DrainRequest(
        @Nullable String holder,
        @Nullable Long graceMs,
        @Nullable Long deadlineMs) {}
