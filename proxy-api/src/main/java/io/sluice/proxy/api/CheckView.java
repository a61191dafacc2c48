package io.sluice.proxy.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One active check of a backend that is over.
 *
 * @param status what it answered; absent when no response came
 * @param error why no response came; absent when one did
 */
public record CheckView(
        Instant at,
        boolean passed,
        @Nullable Integer status,
        long durationMillis,
        @Nullable String error) {}
