package io.sluice.proxy.listener;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Accepts connections that speak TLS, and knows what is below each. */
final class TlsServerSocket extends ServerSocket {
    private final SSLContext context;
    private final Consumer<SSLSocket> changes;
    private final Map<Socket, Socket> below = new ConcurrentHashMap<>();

    /** @param changes what to set on each before its handshake */
    TlsServerSocket(SSLContext context, Consumer<SSLSocket> changes) throws IOException {
        super(0, 512, InetAddress.getLoopbackAddress());
        this.context = context;
        this.changes = changes;
    }

    TlsServerSocket(SSLContext context) throws IOException {
        this(context, socket -> {});
    }

    @Override
    public Socket accept() throws IOException {
        Socket plain = super.accept();
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, true);
        changes.accept(socket);
        below.put(socket, plain);
        return socket;
    }

    /** Closes a connection without the goodbye of TLS. */
    void cut(Socket socket) throws IOException {
        Socket plain = below.get(socket);
        if (plain != null) {
            plain.close();
        }
    }
}
