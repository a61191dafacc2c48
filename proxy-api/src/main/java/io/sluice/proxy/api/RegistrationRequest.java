package io.sluice.proxy.api;

import org.jspecify.annotations.Nullable;

/**
 * What an instance says of itself when it registers, and with each heartbeat.
 *
 * @param address IP address and port on which it serves; absent: {@code port} at the address from which this comes
 * @param port only without {@code address}
 * @param weight its share of the load; absent: 1
 * @param adminPort where its admin API is; absent when nobody needs to know
 */
public record RegistrationRequest(
        @Nullable String address,
        @Nullable Integer port,
        @Nullable Integer weight,
        @Nullable Integer adminPort) {}
