package io.sluice.proxy.forward;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Keeps to itself what goes wrong in a handshake: whoever waits for its end is told there. */
final class HandshakeErrors extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // The handler of TLS closes the channel.
    }
}
