package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;

/** What comes from one end of a tunnel. Called on the event loop of both. */
public interface TunnelReceiver {
    /** Becomes the receiver's to release. */
    void received(ByteBuf bytes);

    /** All that could be read for now was given. */
    void readComplete();

    /** The end takes more again. */
    void writable();

    /** The peer will send nothing more. */
    void inputEnded();

    void closed();
}
