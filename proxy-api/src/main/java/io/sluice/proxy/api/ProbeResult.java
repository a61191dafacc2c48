package io.sluice.proxy.api;

import org.jspecify.annotations.Nullable;

/**
 * How a probe over the data path went.
 *
 * @param passed whether the status was an expected one
 * @param status the HTTP status, absent when no response came
 * @param error why no response came, absent otherwise
 */
public record ProbeResult(
        boolean passed,
        @Nullable Integer status,
        long durationMillis,
        @Nullable String instanceId,
        @Nullable String configHash,
        @Nullable String error) {}
