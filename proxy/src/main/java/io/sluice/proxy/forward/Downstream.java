package io.sluice.proxy.forward;

import io.vertx.core.http.HttpServerRequest;

/** What an exchange needs of the client connection it came on. Lives on the exchange's event loop. */
public interface Downstream {
    DownstreamPeer peer();

    /** Whether responses have to announce that the connection will be closed. */
    boolean isClosing();

    /**
     * An exchange on this connection is over.
     *
     * @param request whose response was written, or is to be cut; its body may not have been read
     * @param closes whether the connection must not be used again
     */
    void exchangeEnded(HttpServerRequest request, boolean closes);

    /** Cuts the connection now; the client can tell that its response is incomplete. */
    void abort();
}
