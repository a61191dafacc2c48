package io.sluice.proxy.registration;

import java.time.Duration;

/**
 * A registration that holds.
 *
 * @param address {@code host:port}
 * @param created whether the backend is new
 * @param changed whether anything but the lease is new
 * @param ttl how long it holds without a heartbeat
 */
public record Registration(String address, boolean created, boolean changed, Duration ttl) {}
