package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forwards the requests of a route to its pool. */
final class PoolResponder implements Responder {
    private static final Logger LOG = LoggerFactory.getLogger(PoolResponder.class);

    private final Forwarder loop;
    private final Route route;
    private final @Nullable ForwardingTarget target;
    private final @Nullable ForwardingTarget fallback;
    private final @Nullable HeaderRules requestRules;

    PoolResponder(Forwarder loop, Route route, @Nullable ForwardingTarget target, @Nullable ForwardingTarget fallback) {
        this.loop = loop;
        this.route = route;
        this.target = target;
        this.fallback = fallback;
        this.requestRules = HeaderRules.of(route.rules().requestHeaders());
    }

    @Override
    public @Nullable RequestReceiver answer(RequestHead head, Downstream downstream) {
        ForwardingTarget own = target;
        if (own == null) {
            return loop.refuse(head, downstream, Failure.NO_BACKEND);
        }
        if (route.rewrites()) {
            head.rewritePath(route.rewritten(head.path()));
        }
        Exchange exchange = new Exchange(loop, head, downstream, route, requestRules, own, fallback);
        try {
            exchange.start();
        } catch (RuntimeException bug) {
            LOG.error("request failed: {} {}", head.method(), head.requestTarget(), bug);
            exchange.crashed();
        }
        return exchange.isOver() ? null : exchange;
    }
}
