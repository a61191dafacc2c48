package io.sluice.proxy.forward;

import io.sluice.proxy.pool.Backend;
import io.vertx.core.http.HttpClientConnection;

/** One connection to a backend; carries one request at a time. Belongs to one event loop. */
final class UpstreamConnection {
    private final Backend backend;
    private final HttpClientConnection transport;
    private final int timesHeld;
    private boolean used;
    private boolean closed;
    private long idleSince;

    /** @param timesHeld the backend's count before the connection was opened */
    UpstreamConnection(Backend backend, HttpClientConnection transport, int timesHeld) {
        this.backend = backend;
        this.transport = transport;
        this.timesHeld = timesHeld;
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

    /** Whether the backend was held since this was opened, and so perhaps is another process by now. */
    boolean isOutdated() {
        return timesHeld != backend.timesHeld();
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
