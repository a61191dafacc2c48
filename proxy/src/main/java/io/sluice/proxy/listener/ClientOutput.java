package io.sluice.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.sluice.proxy.forward.Downstream;
import io.sluice.proxy.forward.DownstreamPeer;
import io.sluice.proxy.forward.TunnelEnd;
import io.sluice.proxy.forward.TunnelReceiver;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.http1.StatusLines;
import org.jspecify.annotations.Nullable;

/**
 * What goes to one client that speaks HTTP/1.x: its responses, one after the other, and then perhaps the bytes of a tunnel. What comes from it is the
 * {@link ClientConnection}'s. Belongs to one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, and that is told
final class ClientOutput implements Downstream, TunnelEnd {
    private static final byte[] CHUNKED = MessageWriter.ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = MessageWriter.ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = MessageWriter.ascii("Connection: keep-alive\r\n");

    private final LoopListener loop;
    private final ClientConnection connection;
    private final Channel channel;
    private final DownstreamPeer peer;
    private final @Nullable SslHandler tls;
    private final MessageWriter writer;

    private boolean http10;
    private boolean headSent;
    private boolean chunked;
    private boolean endsWithConnection;
    private boolean closed;

    /** @param tls what is between this and the network; null for nothing */
    ClientOutput(
            LoopListener loop,
            ClientConnection connection,
            Channel channel,
            DownstreamPeer peer,
            @Nullable SslHandler tls) {
        this.loop = loop;
        this.connection = connection;
        this.channel = channel;
        this.peer = peer;
        this.tls = tls;
        this.writer = new MessageWriter(channel);
    }

    /** A request came, which gets the next response. */
    void begin(boolean requestIsHttp10) {
        http10 = requestIsHttp10;
        headSent = false;
        endsWithConnection = false;
    }

    /** Whether nothing can be written any more. */
    boolean isClosed() {
        return closed;
    }

    /** The connection is gone. */
    void gone() {
        closed = true;
        writer.release();
    }

    @Override
    public DownstreamPeer peer() {
        return peer;
    }

    @Override
    public boolean isClosing() {
        return loop.isStopping();
    }

    @Override
    public void setReading(boolean reading) {
        if (channel.isActive()) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public void sendInterim(int status, @Nullable Fields fields) {
        ByteBuf out = writer.buffer();
        StatusLines.write(out, status);
        MessageWriter.endUnframed(out, fields);
        flush();
    }

    @Override
    public void beginResponse(int status) {
        headSent = true;
        chunked = false;
        StatusLines.write(writer.buffer(), status);
    }

    @Override
    public String date() {
        return loop.forwarder().date();
    }

    @Override
    public void addFields(Fields from, int first, int last) {
        from.writeLines(first, last, writer.buffer());
    }

    @Override
    public void addField(byte[] name, String value) {
        MessageWriter.field(writer.buffer(), name, value);
    }

    @Override
    public boolean endHead(boolean framed, boolean closes) {
        ByteBuf out = writer.buffer();
        endsWithConnection = !framed && http10;
        boolean closing = closes || endsWithConnection;
        if (!framed && !http10) {
            chunked = true;
            out.writeBytes(CHUNKED);
        }
        if (closing) {
            out.writeBytes(CLOSE);
        } else if (http10) {
            out.writeBytes(KEEP_ALIVE);
        }
        MessageWriter.endHead(out);
        return closing;
    }

    @Override
    public void sendPart(ByteBuf part) {
        if (closed) {
            part.release();
        } else if (chunked) {
            writer.writeChunk(part);
        } else {
            writer.write(part);
        }
    }

    @Override
    public boolean trySendFile(FileRegion part) {
        // What stands before the connection's handler, such as TLS, needs the bytes.
        if (closed || chunked || channel.pipeline().first() != connection) {
            return false;
        }
        writer.write(part).addListener(sent -> {
            if (sent.isSuccess()) {
                connection.fileSent();
            }
        });
        return true;
    }

    @Override
    public void endResponse(@Nullable Fields trailers) {
        if (chunked) {
            writer.writeLastChunk(trailers);
        }
    }

    @Override
    public void flush() {
        if (!closed) {
            writer.flush();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public boolean isHeadSent() {
        return headSent;
    }

    @Override
    public void exchangeEnded(boolean closes) {
        connection.exchangeEnded(closes);
    }

    @Override
    public void abort() {
        if (endsWithConnection) {
            // To this client a connection that is closed in order is a response that is complete.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        connection.forgetExchange();
        gone();
        // Past TLS, whose proper goodbye would make what was cut look complete.
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close();
        }
    }

    @Override
    public TunnelEnd openTunnel(TunnelReceiver tunnel) {
        connection.beginTunnel(tunnel);
        return this;
    }

    @Override
    public void write(ByteBuf bytes) {
        if (closed) {
            bytes.release();
        } else {
            writer.write(bytes);
        }
    }

    @Override
    public void endOutput() {
        flush();
        endOutputAfterWrites();
    }

    ChannelFuture endOutputAfterWrites() {
        ChannelFuture written = tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
        return written.addListener(done -> ((DuplexChannel) channel).shutdownOutput());
    }

    @Override
    public void close() {
        if (!closed) {
            writer.flush();
            closed = true;
            connection.closing();
            ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
            if (tls == null && unsent != null && unsent.isEmpty()) {
                channel.close();
            } else {
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        }
    }
}
