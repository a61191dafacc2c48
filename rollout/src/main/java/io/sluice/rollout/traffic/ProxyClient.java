package io.sluice.rollout.traffic;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.PoolList;
import io.sluice.proxy.api.PoolPatch;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProbeRequest;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.api.ProxyHeaders;
import io.sluice.proxy.api.ProxyPaths;
import io.sluice.rollout.driver.ControlException.Kind;
import io.sluice.rollout.driver.TrafficControl;
import io.sluice.rollout.remote.RemoteAnswer;
import io.sluice.rollout.remote.RemoteCall;
import io.sluice.rollout.remote.RemoteEndpoint;
import io.sluice.rollout.remote.RemoteFailure;
import io.sluice.service.settings.DurationFormat;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/**
 * The admin API of one proxy process. All changes are set operations (a hold by name, a list of hashes), so those that may not have
 * arrived are sent once more; nothing else is repeated.
 */
public final class ProxyClient implements TrafficControl {
    /** Others change the pool too and may be faster a few times in a row; a pool that never stands still is a refusal. */
    private static final int PATCH_ATTEMPTS = 10;

    /** How much longer than its own waiting time a long poll may take. */
    private static final Duration LONG_POLL_MARGIN = Duration.ofSeconds(5);

    private final RemoteEndpoint proxy;
    private final String author;
    private final Duration timeout;

    /** @param author who the proxy's journal names for every change */
    public ProxyClient(RemoteEndpoint proxy, String author, Duration timeout) {
        this.proxy = proxy;
        this.author = author;
        this.timeout = timeout;
    }

    public String url() {
        return proxy.base();
    }

    /** Every pool of the proxy. */
    public Future<PoolList> pools() {
        return read(RemoteCall.get(ProxyPaths.POOLS, timeout), PoolList.class);
    }

    @Override
    public Future<PoolView> pool(PoolRef pool) {
        return read(RemoteCall.get(ProxyPaths.pool(pool.pool()), timeout), PoolView.class);
    }

    /** Reads the revision, patches on top of it, and starts again when somebody was faster. */
    @Override
    public Future<PoolView> acceptConfiguration(PoolRef pool, List<String> hashes, String reason) {
        return acceptConfiguration(pool, hashes, reason, PATCH_ATTEMPTS);
    }

    private Future<PoolView> acceptConfiguration(PoolRef pool, List<String> hashes, String reason, int attempts) {
        return pool(pool)
                .compose(now -> new HashSet<>(now.acceptedConfiguration()).equals(new HashSet<>(hashes))
                        ? Future.succeededFuture(now)
                        : patch(pool, now, new PoolPatch(List.of(new PoolChange.AcceptConfiguration(hashes)), reason)))
                .recover(failure -> attempts > 1 && ProxyRefusals.isKind(failure, Kind.CONFLICT)
                        ? acceptConfiguration(pool, hashes, reason, attempts - 1)
                        : Future.failedFuture(failure));
    }

    private Future<PoolView> patch(PoolRef pool, PoolView now, PoolPatch patch) {
        RemoteCall call = RemoteCall.of(HttpMethod.PATCH, ProxyPaths.pool(now.pool()), patch, timeout)
                .withHeader("If-Match", "\"" + now.revision() + "\"");
        return proxy.call(signed(call, pool))
                .map(answer -> answer.orRefused().as(PoolView.class))
                .recover(ProxyRefusals::translated);
    }

    @Override
    public Future<DrainOperation> putHold(PoolRef pool, String backend, String name, HoldRequest request) {
        String path = ProxyPaths.hold(pool.pool(), backend, name);
        return read(signed(RemoteCall.of(HttpMethod.PUT, path, request, timeout), pool), DrainOperation.class);
    }

    @Override
    public Future<PoolView> removeHold(PoolRef pool, String backend, String name) {
        String path = ProxyPaths.hold(pool.pool(), backend, name);
        return again(signed(RemoteCall.of(HttpMethod.DELETE, path, null, timeout), pool))
                .<Void>mapEmpty()
                .recover(ProxyRefusals::translated)
                .recover(failure -> ProxyRefusals.isKind(failure, Kind.NOT_FOUND)
                        ? Future.succeededFuture()
                        : Future.failedFuture(failure))
                .compose(gone -> pool(pool));
    }

    @Override
    public Future<DrainOperation> awaitOperation(String operation, Duration wait) {
        String path = ProxyPaths.operation(operation) + (wait.isZero() ? "" : "?wait=" + DurationFormat.format(wait));
        return read(RemoteCall.get(path, wait.plus(LONG_POLL_MARGIN)), DrainOperation.class);
    }

    @Override
    public Future<ProbeResult> probe(PoolRef pool, String backend) {
        String path = ProxyPaths.probes(pool.pool(), backend);
        return read(RemoteCall.of(HttpMethod.POST, path, new ProbeRequest(null), timeout), ProbeResult.class);
    }

    private RemoteCall signed(RemoteCall call, PoolRef pool) {
        return call.withHeader(ProxyHeaders.AUTHOR, author)
                .withHeader(ProxyHeaders.ROLLOUT_EPOCH, Long.toString(pool.epoch()));
    }

    private <T> Future<T> read(RemoteCall call, Class<T> type) {
        return again(call).map(answer -> answer.as(type)).recover(ProxyRefusals::translated);
    }

    /** Sends, and once more when no answer came: only for what may be done twice. */
    private Future<RemoteAnswer> again(RemoteCall call) {
        return proxy.call(call)
                .recover(failure ->
                        failure instanceof RemoteFailure remote && remote.kind() == RemoteFailure.Kind.UNKNOWN_OUTCOME
                                ? proxy.call(call)
                                : Future.failedFuture(failure))
                .map(RemoteAnswer::orRefused);
    }
}
