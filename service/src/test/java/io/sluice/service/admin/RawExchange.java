package io.sluice.service.admin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One HTTP connection, written by hand: client libraries do not let a test send a wrong Host or half a body. */
final class RawExchange implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    RawExchange(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Sends head lines, an empty line and the body. */
    void send(String body, String... head) throws IOException {
        String text = String.join("\r\n", head) + "\r\n\r\n" + body;
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    void sendPart(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    Reply reply() throws IOException {
        String status = in.readLine();
        if (status == null) {
            throw new IOException("closed without an answer");
        }
        Map<String, String> headers = new TreeMap<>();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        char[] body = new char[length];
        int read = 0;
        while (read < length) {
            int n = in.read(body, read, length - read);
            if (n < 0) {
                throw new IOException("closed after " + read + " of " + length);
            }
            read += n;
        }
        return new Reply(Integer.parseInt(status.substring(9, 12)), headers, new String(body));
    }

    /** Lines of a chunked event stream, chunk sizes left out, until {@code last} or the end of the stream. */
    List<String> linesUntil(String last) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.isEmpty() && !line.matches("[0-9a-f]+")) {
                lines.add(line);
            }
            if (line.equals(last)) {
                return lines;
            }
        }
        lines.add("<closed>");
        return lines;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    record Reply(int status, Map<String, String> headers, String body) {}
}
