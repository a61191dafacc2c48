package io.sluice.proxy.api;

import org.jspecify.annotations.Nullable;

/** Body of {@code PUT …/backends/{id}}; {@code weight} is 1 when absent, the rest as in {@link PoolChange.PutBackend}. */
public record BackendRequest(
        String address,
        @Nullable String adminUrl,
        @Nullable Integer weight,
        boolean backup,
        @Nullable Integer maxInFlight) {}
