package io.sluice.rollout.driver;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProbeResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/**
 * What the engine needs from the proxy. Every call is idempotent, ends by itself within seconds, and fails with a
 * {@link ControlException} only. The future may complete on any thread.
 */
public interface TrafficControl {
    /** A pool, and the reign in whose name it is changed. */
    record PoolRef(String pool, long epoch) {}

    Future<PoolView> pool(PoolRef pool);

    /** Sets which config hashes the pool admits. */
    Future<PoolView> acceptConfiguration(PoolRef pool, List<String> hashes, String reason);

    /** Keeps a backend out; the answer is the drain that the hold started, or the one already running. Fails FLOOR. */
    Future<DrainOperation> putHold(PoolRef pool, String backend, String name, HoldRequest request);

    /** The drain as soon as it is final, or as it is after {@code wait}. */
    Future<DrainOperation> awaitOperation(String operation, Duration wait);

    /** Takes the named hold away; one that is not there counts as taken. The answer is the pool after that. */
    Future<PoolView> removeHold(PoolRef pool, String backend, String name);

    /** One request over the data path, held or not. */
    Future<ProbeResult> probe(PoolRef pool, String backend);
}
