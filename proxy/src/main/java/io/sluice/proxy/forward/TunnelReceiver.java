package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;

/** What comes from one end of a tunnel. Called on the event loop of both. */
public interface TunnelReceiver extends Flow {
    /** Becomes the receiver's to release. */
    void received(ByteBuf bytes);

    /** The peer will send nothing more. */
    void inputEnded();

    void closed();
}
