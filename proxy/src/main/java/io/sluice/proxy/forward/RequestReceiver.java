package io.sluice.proxy.forward;

import io.sluice.proxy.http1.BodyReader;

/** Whoever handles one request: is given its body, and told what becomes of the client. Called on the event loop of its connection. */
public interface RequestReceiver extends BodyReader.Receiver, Flow {
    /** The body is malformed; nothing more can be read from the client. */
    void bodyMalformed();

    /** The body comes more slowly than the listener puts up with. */
    void bodyTooSlow();

    /** The connection is closed. */
    void clientGone();
}
