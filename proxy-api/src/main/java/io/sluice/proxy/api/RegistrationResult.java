package io.sluice.proxy.api;

import java.time.Duration;

/**
 * A registration that holds.
 *
 * @param address where the instance gets its traffic
 * @param ttl how long it holds without a heartbeat; one every third of it is about right
 */
public record RegistrationResult(String pool, String backend, String address, Duration ttl) {}
