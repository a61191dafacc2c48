package io.sluice.proxy.forward;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/** A response body on its way to the client, read only as fast as the client takes it. */
final class ResponseRelay {
    private final Exchange exchange;
    private final Attempt attempt;
    private final HttpClientResponse from;
    private final HttpServerResponse to;
    private final long expected;
    private final boolean bodiless;

    private long bytes;
    private @Nullable Buffer last;
    private boolean blocked;
    private boolean trailers;

    /** @param expected the declared length, -1 when unknown */
    ResponseRelay(
            Exchange exchange,
            Attempt attempt,
            HttpClientResponse from,
            HttpServerResponse to,
            long expected,
            boolean bodiless) {
        this.exchange = exchange;
        this.attempt = attempt;
        this.from = from;
        this.to = to;
        this.expected = expected;
        this.bodiless = bodiless;
    }

    void start(boolean http10) {
        if (http10) {
            startForHttp10();
        } else if (expected < 0 && !bodiless) {
            to.setChunked(true);
            trailers = true;
        }
        from.handler(this::onChunk);
        from.endHandler(ended -> onEnd());
    }

    /** Without chunks, only the end of the connection can tell where a body of unknown length ends. */
    private void startForHttp10() {
        if (expected < 0 && !bodiless) {
            exchange.closesAfterResponse();
        }
        if (exchange.isClosing()) {
            // The HTTP library writes keep-alive over what was set before, if the client asked for it.
            to.headersEndHandler(now -> to.headers().set(HeaderNames.CONNECTION, HeaderNames.CLOSE));
        }
    }

    long bytes() {
        return bytes;
    }

    /** Whether the client is what it waits for. */
    boolean isBlocked() {
        return blocked;
    }

    private void onChunk(Buffer chunk) {
        if (bodiless || to.closed()) {
            return;
        }
        bytes += chunk.length();
        if (bytes == expected) {
            // The end follows at once; written together they cost one system call.
            last = chunk;
            return;
        }
        to.write(chunk);
        exchange.progressed();
        if (!blocked && to.writeQueueFull()) {
            blocked = true;
            from.pause();
            to.drainHandler(drained -> onDrain());
        }
    }

    private void onDrain() {
        if (blocked) {
            blocked = false;
            exchange.progressed();
            from.resume();
        }
    }

    private void onEnd() {
        if (to.closed() || !attempt.completed()) {
            return;
        }
        if (trailers) {
            copyTrailers();
        }
        if (last == null) {
            to.end();
        } else {
            to.end(last);
        }
        exchange.relayed(bytes);
    }

    /** RFC 9110 §6.5.1: fields that frame, route or control have no place in trailers. */
    private void copyTrailers() {
        MultiMap received = from.trailers();
        if (received.isEmpty()) {
            return;
        }
        received.forEach((name, value) -> {
            boolean forbidden = HopByHop.isHopByHop(name)
                    || name.equalsIgnoreCase("content-length")
                    || name.equalsIgnoreCase("host")
                    || name.equalsIgnoreCase("trailer")
                    || name.equalsIgnoreCase("set-cookie");
            if (!forbidden) {
                to.trailers().add(name, value);
            }
        });
    }
}
