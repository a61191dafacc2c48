package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;
import org.jspecify.annotations.Nullable;

/** A response body on its way to the client, read only as fast as the client takes it. */
final class ResponseRelay {
    private final Exchange exchange;
    private final Attempt attempt;
    private final Downstream to;

    private long bytes;
    private boolean blocked;

    ResponseRelay(Exchange exchange, Attempt attempt, Downstream to) {
        this.exchange = exchange;
        this.attempt = attempt;
        this.to = to;
    }

    long bytes() {
        return bytes;
    }

    /** Whether the client is what it waits for. */
    boolean isBlocked() {
        return blocked;
    }

    /** Takes the part over. */
    void onPart(ByteBuf part) {
        bytes += part.readableBytes();
        to.sendPart(part);
        exchange.progressed();
        if (!blocked && !to.isWritable()) {
            // It may take all of it at once, and would not tell us again.
            to.flush();
            if (!to.isWritable()) {
                blocked = true;
                attempt.setReading(false);
            }
        }
    }

    void clientWritable() {
        if (blocked && to.isWritable()) {
            blocked = false;
            exchange.progressed();
            attempt.setReading(true);
        }
    }

    void onEnd(@Nullable Fields trailers) {
        if (attempt.completed()) {
            to.endResponse(trailers);
            to.flush();
            exchange.relayed(bytes);
        }
    }
}
