package io.sluice.proxy.forward;

import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** What a route does to its responses; routes that leave them alone pay nothing for it. */
final class ResponseShape {
    private final Forwarder loop;
    private final @Nullable HeaderRules headers;

    ResponseShape(Forwarder loop, Route route) {
        this.loop = loop;
        this.headers = HeaderRules.of(route.rules().responseHeaders());
    }

    /** Where to send the response of a request. */
    Downstream of(RequestHead head, Downstream client) {
        HeaderRules rules = headers;
        return rules == null ? client : new ShapedResponse(client, loop, head, rules);
    }
}
