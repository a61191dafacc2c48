package io.sluice.proxy.forward;

import io.sluice.proxy.limit.RunningRequests;
import io.sluice.proxy.route.ConcurrencyLimit;
import io.sluice.proxy.route.RateLimitZone;
import io.sluice.proxy.route.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts the requests of one route that run at once, on one event loop; the counts are those of all loops. */
final class CountedRequests {
    /** One that was counted: tells when it is over. */
    static final class Counted extends DownstreamFilter {
        private final RunningRequests running;
        private final long[] keys;
        private boolean left;

        Counted(Downstream client, RunningRequests running, long[] keys) {
            super(client);
            this.running = running;
            this.keys = keys;
        }

        /** Counts it out; once. */
        void leave() {
            if (!left) {
                left = true;
                leaveAll(running, keys, keys.length);
            }
        }

        @Override
        public void exchangeEnded(boolean closes) {
            // First: the client's next request may follow at once.
            leave();
            super.exchangeEnded(closes);
        }
    }

    private static final String RETRY_AFTER_SECONDS = "1";

    private final Forwarder loop;
    private final Route route;
    private final RunningRequests running;
    private final List<ConcurrencyLimit> limits;

    private CountedRequests(Forwarder loop, Route route) {
        this.loop = loop;
        this.route = route;
        this.running = loop.runningRequests();
        this.limits = route.rules().concurrency();
    }

    /** Null when any number may run. */
    static @Nullable CountedRequests of(Forwarder loop, Route route) {
        return route.rules().concurrency().isEmpty() ? null : new CountedRequests(loop, route);
    }

    /** Where the response of a request that may run is to be sent; null when it may not, and was told so. */
    @Nullable
    Counted admit(RequestHead head, Downstream downstream) {
        long[] keys = new long[limits.size()];
        for (int i = 0; i < keys.length; i++) {
            ConcurrencyLimit limit = limits.get(i);
            keys[i] = key(i, limit, head, downstream);
            if (keys[i] != 0 && !running.tryEnter(keys[i], limit.limit())) {
                leaveAll(running, keys, i);
                refuse(limit, head, downstream);
                return null;
            }
        }
        return new Counted(downstream, running, keys);
    }

    private static void leaveAll(RunningRequests running, long[] keys, int count) {
        for (int i = 0; i < count; i++) {
            if (keys[i] != 0) {
                running.leave(keys[i]);
            }
        }
    }

    /** Too many for the route are the proxy's concern, too many for a client are the client's. */
    private void refuse(ConcurrencyLimit limit, RequestHead head, Downstream downstream) {
        OwnExchange exchange = new OwnExchange(loop, head, downstream, route);
        if (limit.key() == RateLimitZone.Key.ROUTE) {
            exchange.refuse(Failure.ROUTE_FULL, null, "");
        } else {
            exchange.refuse(Failure.TOO_MANY_AT_ONCE, HeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
    }

    /** 0 where the limit does not concern the request. */
    private long key(int number, ConcurrencyLimit limit, RequestHead head, Downstream downstream) {
        String value = switch (limit.key()) {
            case ROUTE -> "";
            case CLIENT_IP -> loop.requestHeaders().client(head, downstream.peer());
            case HEADER -> head.fields().valueOf(limit.header());
        };
        boolean concerned = value != null && (!value.isEmpty() || limit.key() == RateLimitZone.Key.ROUTE);
        return concerned ? running.key(number + " " + route.name() + " " + value) : 0;
    }
}
