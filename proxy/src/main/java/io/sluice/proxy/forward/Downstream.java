package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.sluice.proxy.http1.Fields;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one exchange: takes the response piece by piece, and can be asked to read the request faster or slower. Lives on the
 * exchange's event loop. A response is {@link #beginResponse}, any number of fields, {@link #endHead}, its parts and {@link #endResponse}, or
 * {@link #abort} at any time; nothing of it leaves before {@link #flush}.
 */
public interface Downstream {
    DownstreamPeer peer();

    /** Whether responses have to announce that the connection will be closed. */
    boolean isClosing();

    /** Whether the request body is read. While it is not, the client cannot be seen leaving either. */
    void setReading(boolean reading);

    /** Sends an interim response at once; fields of its connection are left out. */
    void sendInterim(int status, @Nullable Fields fields);

    void beginResponse(int status);

    /** Begins a response that nobody has dated yet: one of the proxy itself (RFC 9110 §6.6.1). */
    default void beginDatedResponse(int status) {
        beginResponse(status);
        addDate();
    }

    /** Adds the present as {@code Date}. */
    default void addDate() {
        addField(HeaderNames.DATE, date());
    }

    /** The present as {@code Date} has it. */
    String date();

    /** Adds the fields from {@code first} to {@code last}, both included, as they are. */
    void addFields(Fields from, int first, int last);

    void addField(byte[] name, String value);

    /**
     * Ends the head.
     *
     * @param framed whether the client can tell from the head where the response ends: a length was added, or there is no body
     * @param closes whether the connection is to be closed after it
     * @return whether it will be closed, for the client's kind of connection may need that
     */
    boolean endHead(boolean framed, boolean closes);

    /** Sends a part of the body; takes it over. */
    void sendPart(ByteBuf part);

    /**
     * Sends a part of a file as the body, without copying it through this process; takes it over if it can do that. {@link
     * RequestReceiver#writable} tells when all of it was sent.
     */
    default boolean trySendFile(FileRegion part) {
        return false;
    }

    /** The response is complete. */
    void endResponse(@Nullable Fields trailers);

    /** Lets everything go that was sent. */
    void flush();

    /** Whether the client takes what is sent as fast as it comes; {@link RequestReceiver#writable} tells when it does again. */
    boolean isWritable();

    /** Whether a response was begun; there can be no other then. */
    boolean isHeadSent();

    /** From now on whatever comes is for {@code receiver}; only after a response that changes protocols was flushed. */
    TunnelEnd openTunnel(TunnelReceiver receiver);

    /**
     * An exchange on this connection is over: its response was written, or is to be cut.
     *
     * @param closes whether the connection must not be used again
     */
    void exchangeEnded(boolean closes);

    /** Cuts the connection now; the client can tell that its response is incomplete. */
    void abort();
}
