package io.sluice.proxy.forward;

import io.sluice.proxy.pool.Backend;
import io.vertx.core.http.HttpClientConnection;

/** One connection to a backend; carries one request at a time. Belongs to one event loop. */
final class UpstreamConnection {
    private final Backend backend;
    private final HttpClientConnection transport;
    private boolean used;
    private boolean closed;
    private long idleSince;

    UpstreamConnection(Backend backend, HttpClientConnection transport) {
        this.backend = backend;
        this.transport = transport;
    }

    Backend backend() {
        return backend;
    }

    HttpClientConnection transport() {
        return transport;
    }

    /** Whether a request was answered on it already. */
    boolean isUsed() {
        return used;
    }

    boolean isClosed() {
        return closed;
    }

    long idleSince() {
        return idleSince;
    }

    void becomeIdle(long now) {
        used = true;
        idleSince = now;
    }

    void markClosed() {
        closed = true;
    }
}
