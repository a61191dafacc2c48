package io.sluice.proxy.forward;

import io.sluice.proxy.route.HeaderTemplate;
import io.sluice.proxy.route.RedirectSettings;
import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** Sends every client of a route elsewhere. */
final class RedirectResponder implements Responder {
    private final Forwarder loop;
    private final Route route;
    private final RedirectSettings settings;

    RedirectResponder(Forwarder loop, Route route, RedirectSettings settings) {
        this.loop = loop;
        this.route = route;
        this.settings = settings;
    }

    @Override
    public @Nullable RequestReceiver answer(RequestHead head, Downstream downstream) {
        OwnExchange exchange = new OwnExchange(loop, head, downstream, route);
        if (head.host() == null && settings.to().parts().contains(HeaderTemplate.Variable.HOST)) {
            exchange.refuse(Failure.BAD_REQUEST, null, "");
            return null;
        }
        downstream.beginDatedResponse(settings.status());
        downstream.addField(HeaderNames.LOCATION, location(head, exchange));
        downstream.addField(HeaderNames.REQUEST_ID, exchange.requestId());
        downstream.addField(HeaderNames.CONTENT_LENGTH, "0");
        boolean closing = downstream.endHead(true, exchange.closes());
        downstream.endResponse(null);
        downstream.flush();
        exchange.finish(settings.status(), null, 0, closing);
        return null;
    }

    private String location(RequestHead head, OwnExchange exchange) {
        String to = settings.to().fill(variable -> loop.variable(variable, head, exchange));
        String location = settings.keepPath() ? withPath(to, head.path()) : to;
        int query = head.target().indexOf('?');
        return settings.keepQuery() && query >= 0 ? location + head.target().substring(query) : location;
    }

    /** Where only the host is given the path stays as it is; otherwise the given path takes the place of the route's. */
    private String withPath(String to, String path) {
        int scheme = to.indexOf("://");
        if (scheme >= 0 && to.indexOf('/', scheme + 3) < 0) {
            return to + path;
        }
        String rest =
                path.substring(Math.min(path.length(), route.settings().path().length()));
        if (rest.isEmpty()) {
            return to;
        }
        String start = to.endsWith("/") ? to.substring(0, to.length() - 1) : to;
        return start + (rest.startsWith("/") ? rest : "/" + rest);
    }
}
