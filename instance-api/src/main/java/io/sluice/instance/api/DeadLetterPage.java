package io.sluice.instance.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answer to {@code GET /admin/dead-letters}. {@code next} is the {@code cursor} of the page that follows, null on the last one. */
@JsonNaming(SnakeCaseStrategy.class)
public record DeadLetterPage(
        List<DeadLetterView> deadLetters, @Nullable String next, String instanceId) {}
