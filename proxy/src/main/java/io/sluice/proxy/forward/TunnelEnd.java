package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;

/** One of the two connections of a tunnel. Lives on one event loop. */
public interface TunnelEnd {
    /** Takes it over. */
    void write(ByteBuf bytes);

    void flush();

    boolean isWritable();

    void setReading(boolean reading);

    /** Tells the peer that nothing more comes, after what was written; it may go on sending. */
    void endOutput();

    /** Closes it after what was written. */
    void close();
}
