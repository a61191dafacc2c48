package io.sluice.system.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One blocking HTTP/1.1 connection. Written by hand because a client library hides what the load has to count: a retry on its own,
 * a reused connection, a truncated body.
 */
final class HttpExchange implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;
    private boolean reusable = true;

    HttpExchange(InetSocketAddress address) throws IOException {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(address, TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Whether the connection may carry another request. */
    boolean reusable() {
        return reusable;
    }

    Answer post(int number, String path, String body, Map<String, String> headers) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: hooks.test\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(content);
        socket.getOutputStream().write(request.toByteArray());
        return read(number);
    }

    private Answer read(int number) throws IOException {
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        reusable = !"close".equals(header(headers, "Connection"));
        String body = new String(body(status, headers), StandardCharsets.UTF_8);
        return new Answer(number, status, headers.get("X-Instance-ID"), headers.get("X-Config-Hash"), null, body);
    }

    private byte[] body(int status, Map<String, String> headers) throws IOException {
        if ("chunked".equals(header(headers, "Transfer-Encoding"))) {
            return chunks();
        }
        @Nullable String length = headers.get("Content-Length");
        return status == 204 || length == null ? new byte[0] : exactly(Integer.parseInt(length));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            byte[] chunk = exactly(Integer.parseInt(line().split(";", 2)[0].strip(), 16));
            line();
            if (chunk.length == 0) {
                return all.toByteArray();
            }
            all.writeBytes(chunk);
        }
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("body ended after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("connection closed" + (line.isEmpty() ? " before the response" : " in a line"));
            }
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    private static String header(Map<String, String> headers, String name) {
        return headers.getOrDefault(name, "").toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
