package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** One mistake in a configuration; {@code pointer} is a JSON Pointer (RFC 6901) into the document named by {@code file}. */
@JsonNaming(SnakeCaseStrategy.class)
public record ConfigProblem(
        String pointer,
        String file,
        String code,
        String message,
        @Nullable String hint) {}
