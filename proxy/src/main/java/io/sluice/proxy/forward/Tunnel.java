package io.sluice.proxy.forward;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/** Two connections whose bytes are passed on as they are, each read only as fast as the other takes them, until one of them closes. */
final class Tunnel {
    private final Exchange exchange;
    private final Attempt attempt;
    private final NetSocket client;
    private final NetSocket backend;
    private long bytesToClient;
    private boolean closed;

    Tunnel(Exchange exchange, Attempt attempt, NetSocket client, NetSocket backend) {
        this.exchange = exchange;
        this.attempt = attempt;
        this.client = client;
        this.backend = backend;
    }

    void start() {
        pipe(client, backend);
        pipe(backend, client);
        backend.resume();
    }

    private void pipe(NetSocket from, NetSocket to) {
        from.exceptionHandler(broken -> close());
        from.endHandler(ended -> close());
        from.closeHandler(gone -> close());
        from.handler(chunk -> pass(from, to, chunk));
    }

    private void pass(NetSocket from, NetSocket to, Buffer chunk) {
        if (closed) {
            return;
        }
        if (to == client) {
            bytesToClient += chunk.length();
        }
        exchange.progressed();
        to.write(chunk);
        if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(drained -> from.resume());
        }
    }

    /** Ends both sides, after what was written to them. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        client.end();
        if (attempt.completed()) {
            exchange.tunnelClosed(bytesToClient);
        }
    }
}
