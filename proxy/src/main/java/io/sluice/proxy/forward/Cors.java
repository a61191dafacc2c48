package io.sluice.proxy.forward;

import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.route.CorsSettings;
import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** The CORS protocol of the Fetch standard, as far as routes have the proxy speak it for them. */
final class Cors {
    static final byte[] EXPOSE_HEADERS = MessageWriter.ascii("Access-Control-Expose-Headers");

    private static final byte[] ALLOW_ORIGIN = MessageWriter.ascii("Access-Control-Allow-Origin");
    private static final byte[] ALLOW_CREDENTIALS = MessageWriter.ascii("Access-Control-Allow-Credentials");
    private static final byte[] ALLOW_METHODS = MessageWriter.ascii("Access-Control-Allow-Methods");
    private static final byte[] ALLOW_HEADERS = MessageWriter.ascii("Access-Control-Allow-Headers");
    private static final byte[] MAX_AGE = MessageWriter.ascii("Access-Control-Max-Age");

    private Cors() {}

    /** The method of the request that a browser asks about before it makes it; null when this is no such question. */
    static @Nullable String methodAskedFor(RequestHead head) {
        if (!head.method().equals("OPTIONS") || head.fields().indexOf("origin") < 0) {
            return null;
        }
        return head.fields().valueOf("access-control-request-method");
    }

    /** Answers such a question. Who is not allowed anything is told nothing, which is a no to a browser. */
    static void answer(Forwarder loop, RequestHead head, Downstream to, Route route, CorsSettings allowed) {
        OwnExchange exchange = new OwnExchange(loop, head, to, route);
        String origin = head.fields().valueOf("origin");
        to.beginDatedResponse(204);
        to.addField(HeaderNames.REQUEST_ID, exchange.requestId());
        admit(allowed, origin, to);
        if (allowed.admits(origin)) {
            to.addField(ALLOW_METHODS, String.join(", ", allowed.methods()));
            if (!allowed.headers().isEmpty()) {
                to.addField(ALLOW_HEADERS, String.join(", ", allowed.headers()));
            }
            to.addField(MAX_AGE, String.valueOf(allowed.maxAge().toSeconds()));
        }
        boolean closing = to.endHead(true, exchange.closes());
        to.endResponse(null);
        to.flush();
        exchange.finish(204, null, 0, closing);
    }

    /** Adds what says whether a page of {@code origin} may read the response. */
    static void admit(CorsSettings allowed, @Nullable String origin, Downstream to) {
        if (allowed.admitsAny()) {
            to.addField(ALLOW_ORIGIN, "*");
            return;
        }
        to.addField(HeaderNames.VARY, "Origin");
        if (origin != null && allowed.admits(origin)) {
            to.addField(ALLOW_ORIGIN, origin);
            if (allowed.credentials()) {
                to.addField(ALLOW_CREDENTIALS, "true");
            }
        }
    }
}
