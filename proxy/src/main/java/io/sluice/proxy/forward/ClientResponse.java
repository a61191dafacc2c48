package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The response of one exchange on its way to the client: a backend's, read only as fast as the client takes it, one that was kept, or the proxy's
 * own. What the client is told in it is noted in the exchange.
 */
final class ClientResponse {
    /** Says that another one may do better: no reason to come back to this one. */
    private static final int UNAVAILABLE = 503;

    private final Exchange exchange;
    private final Downstream to;

    /** Whose response it is. */
    private @Nullable Attempt attempt;

    private long bytes;
    private boolean blocked;
    private boolean closes;

    ClientResponse(Exchange exchange, Downstream to) {
        this.exchange = exchange;
        this.to = to;
    }

    /** Whether the connection must not be used again. */
    boolean closes() {
        return closes;
    }

    /** From now on it has to be closed after the response. */
    void close() {
        closes = true;
    }

    /** Of a backend's body, how much was passed on. */
    long bytes() {
        return bytes;
    }

    /** Whether the client is what it waits for. */
    boolean isBlocked() {
        return blocked;
    }

    // A backend's.

    /**
     * Passes its head on.
     *
     * @param early whether it came before the request was sent
     */
    void begin(Attempt answered, Fields fields, boolean framed, boolean early, Attempts attempts) {
        attempt = answered;
        beginHead(answered.status(), fields, answered.status() == 204);
        if (answered.failure() == null && answered.status() != UNAVAILABLE) {
            attempts.bind(answered.backend(), to);
        }
        endHead(framed, early);
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
                Objects.requireNonNull(attempt).setReading(false);
            }
        }
    }

    void clientWritable() {
        if (blocked && to.isWritable()) {
            blocked = false;
            exchange.progressed();
            Objects.requireNonNull(attempt).setReading(true);
        }
    }

    void onEnd(@Nullable Fields trailers) {
        if (Objects.requireNonNull(attempt).completed()) {
            to.endResponse(trailers);
            to.flush();
            exchange.relayed(bytes);
        }
    }

    /** Tells the client that the protocol changes. */
    void beginTunnel(Fields fields) {
        beginHead(101, fields, true);
        to.addField(HeaderNames.CONNECTION, "upgrade");
        String protocol = fields.valueOf("upgrade");
        to.addField(HeaderNames.UPGRADE, protocol == null ? "" : protocol);
        to.endHead(true, false);
        to.flush();
        closes = true;
    }

    // Others.

    /** Sends one that was kept. */
    void send(KeptResponse kept, boolean unread) {
        int status = kept.status();
        boolean bodiless = status == 204 || status == 304 || exchange.isHeadRequest();
        beginHead(status, kept.fields(), !bodiless);
        if (!bodiless) {
            int length = kept.body().readableBytes();
            exchange.answeredBytes(length);
            to.addField(HeaderNames.CONTENT_LENGTH, String.valueOf(length));
        }
        endHead(true, unread);
        if (bodiless) {
            kept.body().release();
        } else {
            to.sendPart(kept.body());
        }
        to.endResponse(null);
        to.flush();
    }

    /** Answers that it cannot be served. */
    void refuse(Failure kind, boolean unread) {
        exchange.answeredWith(kind.status());
        exchange.answeredBytes(Answers.length(kind));
        closes = Answers.send(to, kind, exchange.requestId(), exchange.isHeadRequest(), mustClose(unread));
    }

    private void beginHead(int status, Fields fields, boolean withoutLength) {
        exchange.answeredWith(status);
        to.beginResponse(status);
        ResponseHeaders headers = exchange.loop().responseHeaders();
        headers.copy(fields, to, withoutLength);
        if (!headers.hasDate()) {
            // RFC 9110 §6.6.1: who passes on a response that has none adds when it came.
            to.addDate();
        }
        if (!headers.hasRequestId()) {
            to.addField(HeaderNames.REQUEST_ID, exchange.requestId());
        }
    }

    private void endHead(boolean framed, boolean unread) {
        closes = to.endHead(framed, mustClose(unread));
    }

    /** @param unread whether there is more of the request, which would be taken for the next one */
    private boolean mustClose(boolean unread) {
        return closes || unread || to.isClosing() || exchange.head().isLast();
    }
}
