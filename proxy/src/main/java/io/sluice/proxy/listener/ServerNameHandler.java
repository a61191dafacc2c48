package io.sluice.proxy.listener;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import io.sluice.proxy.tls.Certificates;

/** Reads which server a client asks for and goes on with the certificate for it. The listener's sweep ends handshakes that take too long. */
final class ServerNameHandler extends SniHandler {
    private static final int MAX_CLIENT_HELLO = 16 * 1024;
    private static final long NO_TIMER = 0;

    ServerNameHandler(Certificates certificates) {
        super((Mapping<String, SslContext>) certificates::forName, MAX_CLIENT_HELLO, NO_TIMER);
    }

    @Override
    protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
        SslHandler handler = super.newSslHandler(context, allocator);
        handler.setHandshakeTimeoutMillis(NO_TIMER);
        return handler;
    }
}
