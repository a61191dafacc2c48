package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.http1.Fields;
import org.jspecify.annotations.Nullable;

/**
 * The backend's side of one attempt: a connection that is the attempt's alone, or one stream of a connection that others share. Lives on one event
 * loop. A request is what is written to {@link #buffer} as its head, any number of parts, and {@link #endRequest}; nothing leaves before {@link
 * #flush}.
 */
interface Upstream {
    /** Whoever's request it is. Told exactly one end: {@link #responseEnded} or {@link #broken}. */
    interface Receiver extends Flow {
        /** An interim response. */
        void interim(int status, Fields fields);

        /**
         * The final response's head.
         *
         * @param framed whether it tells where the body ends, or there is none
         * @param declaresContent whether it says that a body follows, even if this status has none
         */
        void answered(int status, Fields fields, boolean framed, boolean declaresContent);

        /** Becomes the receiver's to release. */
        void partReceived(ByteBuf part);

        void responseEnded(@Nullable Fields trailers);

        /** The response will not be complete. */
        void broken(Break how);
    }

    /** How a response can come to nothing. */
    enum Break {
        /** The connection was closed. */
        CLOSED,
        /** The backend gave up on this request, and said so. */
        RESET,
        /** What came is no valid response. */
        INVALID,
        /** TLS was ended with an error, which a backend also does that does not like what it was shown. */
        TLS,
        /** The backend says that it has not looked at the request (RFC 9113 §8.7). */
        REFUSED
    }

    boolean isClosed();

    /**
     * Makes room for a request, and waits for its response.
     *
     * @param headRequest whether the response will have no body, whatever its head says
     */
    void begin(Receiver receiver, boolean headRequest);

    /** Where the request head is to be written, as HTTP/1.1 has it. */
    ByteBuf buffer();

    /** Sends a part of a body whose length the head tells; takes it over. */
    void write(ByteBuf part);

    /** Sends a part of a body without a length; takes it over. */
    void writeChunk(ByteBuf part);

    /**
     * The request is complete.
     *
     * @param chunked whether its body was one without a length
     * @param trailers of such a body
     */
    void endRequest(boolean chunked, @Nullable Fields trailers);

    void flush();

    /** Whether the backend takes what is sent as fast as it comes; {@link Receiver#writable} tells when it does again. */
    boolean isWritable();

    /** Whether the response is read. */
    void setReading(boolean reading);

    /** From now on whatever comes is for {@code receiver}; only after a response that changes protocols. */
    TunnelEnd openTunnel(TunnelReceiver receiver);

    /**
     * The attempt is over.
     *
     * @param inOrder whether request and response have both ended, and nothing speaks against another request in the same place
     */
    void leave(boolean inOrder);
}
