package io.sluice.proxy.api;

/**
 * An instance that leaves its pool, and gets no new requests from now on.
 *
 * @param drained whether nothing runs on it any more
 */
public record DeregistrationResult(String pool, String backend, boolean drained) {}
