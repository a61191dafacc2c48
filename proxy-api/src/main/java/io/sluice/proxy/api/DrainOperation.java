package io.sluice.proxy.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A drain, from the first hold on a backend until it ends. Survives a restart of the proxy.
 *
 * @param revision the pool's revision that started the drain; once {@code drained}, no request was assigned to the backend after it
 * @param inFlight requests still running now
 * @param remaining requests that ran on when the deadline passed; only for {@code timed_out}
 */
public record DrainOperation(
        String id,
        String pool,
        String backend,
        String hold,
        long incarnation,
        long revision,
        DrainState state,
        long inFlight,
        @Nullable Long remaining,
        Instant startedAt,
        Instant deadline,
        @Nullable Instant finishedAt,
        String bootId) {}
