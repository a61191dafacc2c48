package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.route.RespondSettings;
import io.sluice.proxy.route.Route;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Gives every request of a route the same response. */
final class FixedResponder implements Responder {
    private final Forwarder loop;
    private final Route route;
    private final RespondSettings settings;
    private final ByteBuf body;

    FixedResponder(Forwarder loop, Route route, RespondSettings settings) {
        this.loop = loop;
        this.route = route;
        this.settings = settings;
        this.body = Unpooled.unreleasableBuffer(
                Unpooled.copiedBuffer(settings.body(), StandardCharsets.UTF_8).asReadOnly());
    }

    @Override
    public @Nullable RequestReceiver answer(RequestHead head, Downstream downstream) {
        OwnExchange exchange = new OwnExchange(loop, head, downstream, route);
        downstream.beginDatedResponse(settings.status());
        downstream.addField(HeaderNames.REQUEST_ID, exchange.requestId());
        if (!settings.isBodiless()) {
            downstream.addField(HeaderNames.CONTENT_TYPE, settings.contentType());
            downstream.addField(HeaderNames.CONTENT_LENGTH, String.valueOf(body.readableBytes()));
        }
        boolean closing = downstream.endHead(true, exchange.closes());
        boolean hasBody = !settings.isBodiless() && !head.isHead();
        if (hasBody) {
            downstream.sendPart(body.duplicate());
        }
        downstream.endResponse(null);
        downstream.flush();
        exchange.finish(settings.status(), null, hasBody ? body.readableBytes() : 0, closing);
        return null;
    }
}
