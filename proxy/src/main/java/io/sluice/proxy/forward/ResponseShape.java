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
    private final @Nullable BrowserFields browsers;
    private final @Nullable CompressionSettings compression;
    private final List<ContentCoding> codings;

    ResponseShape(Forwarder loop, Route route) {
        this.loop = loop;
        this.compression = route.rules().compression();
        this.codings = compression == null ? List.of() : ContentCodings.available(compression.codings());
        this.headers = HeaderRules.of(route.rules().responseHeaders());
        this.browsers = BrowserFields.of(route.rules().browsers(), headers);
    }

    /** Where to send the response of a request. */
    Downstream of(RequestHead head, Downstream client) {
        CompressionSettings compressed = compression;
        if (compressed != null) {
            return new CompressedResponse(client, loop, head, this, compressed, codings);
        }
        return headers == null && browsers == null ? client : new ShapedResponse(client, loop, head, this);
    }

    /** What changes in header fields; null for nothing. */
    @Nullable
    HeaderRules headers() {
        return headers;
    }

    /** What a response tells browsers; null for nothing. */
    BrowserFields.@Nullable Response browser(RequestHead head, DownstreamPeer peer) {
        return browsers == null
                ? null
                : browsers.of(head, loop.requestHeaders().scheme(head, peer).equals("https"));
    }
}
