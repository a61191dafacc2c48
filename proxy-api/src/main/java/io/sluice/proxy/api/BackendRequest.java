package io.sluice.proxy.api;

import org.jspecify.annotations.Nullable;

/** Body of {@code PUT …/backends/{id}}; {@code weight} is 1 when absent. */
public record BackendRequest(
        String address, @Nullable String adminUrl, @Nullable Integer weight) {}
