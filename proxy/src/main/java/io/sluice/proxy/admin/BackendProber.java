package io.sluice.proxy.admin;

import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.vertx.core.Future;
import java.util.Optional;

/** Sends one request over the data path to one backend, whatever speaks against it. */
@FunctionalInterface
public interface BackendProber {
    /**
     * A failed probe is a result; the future fails only when no probe could be made at all.
     *
     * @param path what to GET; the pool's health path when empty
     */
    Future<ProbeResult> probe(BackendPool pool, Backend backend, Optional<String> path);
}
