package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;

/** Makes one stream of a content coding out of parts. Belongs to one event loop; holds native memory until {@link #close}. */
interface ContentEncoder extends AutoCloseable {
    /** Compresses a part, which it takes over. What comes out need not be all that went in. */
    ByteBuf write(ByteBuf part);

    /** Whether a client cannot read everything yet that was written. */
    boolean isDirty();

    /** Ends the present block, so that everything written so far can be read. */
    ByteBuf flush();

    /** Ends the stream. */
    ByteBuf end();

    @Override
    void close();
}
