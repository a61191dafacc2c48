package io.sluice.proxy.listener;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that speaks HTTP byte by byte. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 15_000;

    /** @param complete whether it ended as its head said it would */
    record Response(String head, String body, boolean complete) {
        int status() {
            return head.isEmpty() ? 0 : Integer.parseInt(head.split(" ", 3)[1]);
        }

        String header(String name) {
            for (String line : head.split("\r\n", -1)) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                    return line.substring(line.indexOf(':') + 1).trim();
                }
            }
            return "";
        }
    }

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Over a connection that is open already. */
    RawClient(Socket open) throws IOException {
        socket = open;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
    }

    /** A message head of these lines. */
    static String head(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    static Response call(int port, String request) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.write(request);
            return client.read(request.startsWith("HEAD"));
        }
    }

    void write(String bytes) throws IOException {
        write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Writes until the proxy does not want any more. */
    void writeQuietly(String bytes) {
        try {
            write(bytes);
        } catch (IOException refusedAlready) {
            // It need not read all of it.
        }
    }

    /** All that comes until the connection ends, in whatever way. */
    String readRest() throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        int octet = readOctet();
        while (octet >= 0) {
            rest.write(octet);
            octet = readOctet();
        }
        return rest.toString(StandardCharsets.ISO_8859_1);
    }

    /** Waits until something comes or the connection ends, but not for long. */
    void awaitSomething(int millis) throws IOException {
        socket.setSoTimeout(1 + millis);
        isClosedByPeer();
    }

    Response read() throws IOException {
        return read(false);
    }

    /** Reads one response; an empty head when the connection was closed instead. */
    Response read(boolean toHead) throws IOException {
        String head = readHead();
        int status = head.isEmpty() ? 0 : Integer.parseInt(head.split(" ", 3)[1]);
        if (status == 0 || toHead || status == 204 || status == 304 || status < 200) {
            return new Response(head, "", !head.isEmpty());
        }
        int length = RawBackend.contentLength(head);
        if (length >= 0) {
            byte[] body = readUpTo(length);
            return new Response(head, text(body), body.length == length);
        }
        if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            return readChunked(head);
        }
        return new Response(head, text(in.readAllBytes()), true);
    }

    private byte[] readUpTo(int length) throws IOException {
        try {
            return in.readNBytes(length);
        } catch (IOException reset) {
            return new byte[0];
        }
    }

    private Response readChunked(String head) throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            String size = readLine();
            if (size.isEmpty()) {
                return new Response(head, body.toString(), false);
            }
            int bytes = Integer.parseInt(size.trim(), 16);
            if (bytes == 0) {
                StringBuilder trailers = new StringBuilder();
                String line = readLine();
                while (!line.isBlank()) {
                    trailers.append(line);
                    line = readLine();
                }
                return new Response(head + trailers, body.toString(), true);
            }
            body.append(text(in.readNBytes(bytes)));
            readLine();
        }
    }

    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int octet;
            try {
                octet = in.read();
            } catch (SocketException reset) {
                return "";
            }
            if (octet < 0) {
                return "";
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int octet = readOctet();
        while (octet >= 0 && octet != '\n') {
            line.write(octet);
            octet = readOctet();
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private int readOctet() throws IOException {
        try {
            return in.read();
        } catch (SocketException reset) {
            return -1;
        }
    }

    /** Whether the proxy closed the connection; waits for it. */
    boolean isClosedByPeer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    InputStream in() {
        return in;
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
