package io.sluice.proxy.listener;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Accepts connections of clients that speak first, with and without TLS on the same port; in TLS it offers HTTP/2. */
final class EitherServerSocket extends ServerSocket {
    /** What the first record of TLS begins with. */
    private static final int HANDSHAKE = 22;

    private final SSLContext context;

    EitherServerSocket(SSLContext context) throws IOException {
        super(0, 512, InetAddress.getLoopbackAddress());
        this.context = context;
    }

    private static final class LookedAt extends Socket {
        private @Nullable PushbackInputStream in;

        @Override
        public synchronized PushbackInputStream getInputStream() throws IOException {
            PushbackInputStream now = in;
            if (now == null) {
                now = new PushbackInputStream(super.getInputStream());
                in = now;
            }
            return now;
        }
    }

    @Override
    public Socket accept() throws IOException {
        LookedAt socket = new LookedAt();
        implAccept(socket);
        int first = socket.getInputStream().read();
        if (first == HANDSHAKE) {
            InputStream read = new ByteArrayInputStream(new byte[] {HANDSHAKE});
            return offering((SSLSocket) context.getSocketFactory().createSocket(socket, read, true));
        }
        if (first >= 0) {
            socket.getInputStream().unread(first);
        }
        return socket;
    }

    private static SSLSocket offering(SSLSocket socket) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        return socket;
    }
}
