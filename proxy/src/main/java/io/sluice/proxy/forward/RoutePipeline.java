package io.sluice.proxy.forward;

import io.sluice.proxy.limit.RateLimiters;
import io.sluice.proxy.limit.RouteLimits;
import io.sluice.proxy.route.RateLimitZone;
import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** What the requests of one route go through on one event loop: limits first, then whoever answers. */
final class RoutePipeline {
    private static final long MILLIS_PER_SECOND = 1000;

    private final Forwarder loop;
    private final Route route;
    private final Responder responder;
    private final ResponseShape shape;
    private final RateLimiters limiters;
    private final @Nullable RouteLimits limits;
    private final long[] keys;
    private final long routeKey;
    private final @Nullable CountedRequests counted;

    RoutePipeline(Forwarder loop, Route route, Responder responder, RateLimiters limiters) {
        this.loop = loop;
        this.route = route;
        this.responder = responder;
        this.shape = new ResponseShape(loop, route);
        this.limiters = limiters;
        this.limits = limiters.of(route);
        this.keys = new long[limits == null ? 0 : limits.count()];
        this.routeKey = limiters.key(route.name());
        this.counted = CountedRequests.of(loop, route);
    }

    Route route() {
        return route;
    }

    /** Takes a request to its end; as {@link Forwarder#handle}. */
    @Nullable
    RequestReceiver handle(RequestHead head, Downstream received) {
        Downstream downstream = shape.of(head, received);
        RouteLimits each = limits;
        return each == null ? answer(head, downstream) : limited(each, head, downstream);
    }

    @Nullable
    RequestReceiver answer(RequestHead head, Downstream downstream) {
        CountedRequests counts = counted;
        return counts == null ? responder.answer(head, downstream) : counted(counts, head, downstream);
    }

    private @Nullable RequestReceiver counted(CountedRequests counts, RequestHead head, Downstream downstream) {
        CountedRequests.Counted one = counts.admit(head, downstream);
        if (one == null) {
            return null;
        }
        try {
            return responder.answer(head, one);
        } catch (RuntimeException bug) {
            one.leave();
            throw bug;
        }
    }

    private @Nullable RequestReceiver limited(RouteLimits each, RequestHead head, Downstream downstream) {
        for (int i = 0; i < keys.length; i++) {
            keys[i] = key(each.zone(i), head, downstream);
        }
        long wait = each.tryPass(keys, limiters.nowMillis());
        if (wait == 0) {
            return answer(head, downstream);
        }
        if (wait < 0) {
            String seconds = String.valueOf((MILLIS_PER_SECOND - 1 - wait) / MILLIS_PER_SECOND);
            new OwnExchange(loop, head, downstream, route)
                    .refuse(Failure.RATE_LIMITED, HeaderNames.RETRY_AFTER, seconds);
            return null;
        }
        DelayedRequest delayed = new DelayedRequest(this, loop, head, downstream, wait);
        delayed.start();
        return delayed;
    }

    private long key(RateLimitZone zone, RequestHead head, Downstream downstream) {
        return switch (zone.key()) {
            case ROUTE -> routeKey;
            case CLIENT_IP -> limiters.key(loop.requestHeaders().client(head, downstream.peer()));
            case HEADER -> {
                String value = head.fields().valueOf(zone.header());
                yield value == null || value.isEmpty() ? 0 : limiters.key(value);
            }
        };
    }
}
