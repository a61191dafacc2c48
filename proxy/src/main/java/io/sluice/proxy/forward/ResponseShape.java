package io.sluice.proxy.forward;

import io.sluice.proxy.route.CompressionSettings;
import io.sluice.proxy.route.ContentCoding;
import io.sluice.proxy.route.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a route does to its responses; routes that leave them alone pay nothing for it. */
final class ResponseShape {
    private final Forwarder loop;
    private final @Nullable HeaderRules headers;
    private final @Nullable CompressionSettings compression;
    private final List<ContentCoding> codings;

    ResponseShape(Forwarder loop, Route route) {
        this.loop = loop;
        this.compression = route.rules().compression();
        this.codings = compression == null ? List.of() : ContentCodings.available(compression.codings());
        this.headers = HeaderRules.of(route.rules().responseHeaders());
    }

    /** Where to send the response of a request. */
    Downstream of(RequestHead head, Downstream client) {
        HeaderRules rules = headers;
        CompressionSettings compressed = compression;
        if (compressed != null) {
            return new CompressedResponse(client, loop, head, rules, compressed, codings);
        }
        return rules == null ? client : new ShapedResponse(client, loop, head, rules);
    }
}
