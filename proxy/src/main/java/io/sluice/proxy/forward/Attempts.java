package io.sluice.proxy.forward;

import io.sluice.proxy.balance.HashKey;
import io.sluice.proxy.balance.Tried;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.sticky.StickyCookie;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The attempts of one exchange: where each goes, whether another may follow one that failed, and what the failed ones leave behind. */
final class Attempts {
    private static final long NOT_WAITING = -1;

    private final Forwarder loop;
    private final Route route;
    private final ForwardingTarget preferred;
    private final @Nullable ForwardingTarget fallback;
    private final boolean repeatable;
    /** The hash of what the pool hashes on. */
    private final long affinity;
    /** The backend that the client's cookie binds it to. */
    private final @Nullable String boundTo;

    /** Where the last one went. */
    private ForwardingTarget target;

    private boolean usesFallback;
    private boolean waits;
    private long waitsSince = NOT_WAITING;
    private int count;
    private @Nullable Attempt last;
    private @Nullable Tried tried;
    private @Nullable Failure retriedBecause;
    private boolean timeoutRetried;
    private @Nullable KeptResponse kept;

    /** @param fallback used while nobody in the target is well, or all who are were tried */
    Attempts(
            Forwarder loop,
            RequestHead head,
            DownstreamPeer peer,
            Route route,
            ForwardingTarget target,
            @Nullable ForwardingTarget fallback) {
        this.loop = loop;
        this.route = route;
        this.preferred = target;
        this.target = target;
        this.fallback = fallback;
        this.repeatable = head.isIdempotent() || (head.isPostOrPatch() && hasDeliveryId(head, route));
        HashKey on = target.pool().hashKey();
        this.affinity = on.kind() == HashKey.Kind.NONE
                ? 0
                : Affinity.key(on, head, loop.requestHeaders().client(head, peer));
        this.boundTo = boundTo(head, target.pool().sticky().orElse(null));
    }

    private static boolean hasDeliveryId(RequestHead head, Route route) {
        for (int i = 0; i < route.deliveryIdHeaderCount(); i++) {
            if (head.fields().indexOf(route.deliveryIdHeader(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String boundTo(RequestHead head, @Nullable StickyCookie sticky) {
        String value = sticky == null ? null : Affinity.cookie(head.fields(), sticky.name());
        return sticky == null || value == null ? null : sticky.backend(value);
    }

    // The next one.

    /** Somebody who was not tried yet, as the pools are now; null when nobody is eligible. */
    @Nullable
    Lease acquire() {
        Tried already = tried == null ? Forwarder.NOBODY_TRIED : tried;
        ForwardingTarget other = fallback;
        if (other == null) {
            return preferred.pool().acquire(already, affinity, boundTo);
        }
        Lease lease = acquireWell(already);
        if (lease == null) {
            lease = from(other, true, other.pool().acquireWell(already, affinity, null));
        }
        if (lease == null) {
            lease = from(preferred, false, preferred.pool().acquire(already, affinity, boundTo));
        }
        return lease != null ? lease : from(other, true, other.pool().acquire(already, affinity));
    }

    /** Whoever in the route's own pool need not be replaced by the fallback. */
    private @Nullable Lease acquireWell(Tried already) {
        Lease lease = preferred.pool().acquireWell(already, affinity, boundTo);
        Failure because = retriedBecause;
        boolean failedItself = because == null || because == Failure.NOT_ACCEPTED || because.countsAgainstBackend();
        if (lease == null && !failedItself) {
            // It was the connection that failed; the only backend of a pool is as good as before.
            lease = preferred.pool().acquireWell(Forwarder.NOBODY_TRIED, affinity, boundTo);
        }
        return from(preferred, false, lease);
    }

    private @Nullable Lease from(ForwardingTarget pool, boolean second, @Nullable Lease lease) {
        target = pool;
        usesFallback = second;
        return lease;
    }

    /** Takes a place among those who wait for the pool, if the route lets it and there is one. */
    boolean tryWait() {
        if (route.queueNanos() <= 0) {
            return false;
        }
        BackendPool pool = preferred.pool().pool();
        waits = pool.tryWait();
        if (!waits) {
            loop.observer().queueFull(pool.name());
        }
        return waits;
    }

    /** There is nobody: the wait begins. */
    void startWait() {
        waitsSince = loop.nanoTime();
    }

    void waitTimedOut() {
        loop.observer().queueTimedOut(preferred.pool().pool().name());
    }

    void endWait() {
        if (waits) {
            waits = false;
            BackendPool pool = preferred.pool().pool();
            pool.endWait();
            if (waitsSince != NOT_WAITING) {
                loop.observer().queued(pool.name(), loop.nanoTime() - waitsSince);
                waitsSince = NOT_WAITING;
            }
        }
    }

    Attempt begin(Exchange exchange, Lease lease) {
        endWait();
        count++;
        Attempt next = new Attempt(exchange, lease, last, loop.nanoTime());
        last = next;
        return next;
    }

    /**
     * Whether another attempt may follow one that failed in this way; if so, it has to: the retry budget was charged.
     *
     * @param body what would have to be sent again
     */
    boolean claimRetry(Failure kind, @Nullable RequestBody body) {
        if (count >= route.retry().tries() || (body != null && !body.isReplayable())) {
            return false;
        }
        return switch (RetryRule.judge(kind, repeatable, timeoutRetried)) {
            case NO -> false;
            case FREE -> true;
            case WITHIN_BUDGET -> {
                boolean granted = loop.budget().tryRetry();
                if (!granted) {
                    loop.observer().retryBudgetExhausted();
                }
                yield granted;
            }
        };
    }

    /** The last one failed, and another follows. */
    void retried(Failure because, @Nullable KeptResponse response) {
        Tried all = tried == null ? new Tried() : tried;
        tried = all;
        all.add(Objects.requireNonNull(last).backend());
        timeoutRetried |= because == Failure.HEAD_TIMEOUT;
        retriedBecause = because;
        if (response != null) {
            kept = response;
        }
        loop.observer().retried(because);
    }

    // What a backend's answer tells about it.

    /** Binds the client to whoever answered. */
    void bind(Backend backend, Downstream to) {
        // A client keeps what binds it to the pool that is only away for now.
        StickyCookie sticky = usesFallback ? null : target.pool().sticky().orElse(null);
        if (sticky != null && !backend.id().equals(boundTo)) {
            boolean secure = to.peer().scheme().equals("https");
            to.addField(HeaderNames.SET_COOKIE, sticky.setCookie(backend.id(), secure));
        }
    }

    /** Takes in what a response that is passed on told on the way. */
    void report(Backend backend, ResponseHeaders told) {
        reportConfiguration(backend, told.configHash());
        if (told.drains()) {
            reportDraining(backend);
        }
    }

    void reportDraining(Backend backend) {
        target.pool().pool().reportDraining(backend);
    }

    private void reportConfiguration(Backend backend, @Nullable String hash) {
        BackendPool pool = target.pool().pool();
        List<String> accepted = pool.snapshot().acceptedConfiguration();
        if (hash != null && !accepted.isEmpty() && !accepted.contains(hash)) {
            pool.reportConfiguration(backend, hash);
        }
    }

    void connectFailed(Backend backend, String why) {
        target.pool().pool().reportUnverified(backend, "connect failed: " + why);
    }

    // What they leave behind.

    boolean hasKept() {
        return kept != null;
    }

    /** An error response that was kept while another attempt was made; the caller's now. */
    KeptResponse takeKept() {
        KeptResponse taken = Objects.requireNonNull(kept);
        kept = null;
        return taken;
    }

    void dropKept() {
        KeptResponse dropped = kept;
        if (dropped != null) {
            kept = null;
            dropped.body().release();
        }
    }

    @Nullable
    Failure retriedBecause() {
        return retriedBecause;
    }

    boolean isRepeatable() {
        return repeatable;
    }

    ForwardingTarget target() {
        return target;
    }

    int count() {
        return count;
    }

    @Nullable
    Attempt last() {
        return last;
    }
}
