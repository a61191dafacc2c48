package io.sluice.benchmarks.memory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Opens connections, sends one request over each, and keeps them open until its input ends. Runs from its source. */
public final class IdleConnections {
    private static final byte[] REQUEST = """
            GET / HTTP/1.1
            Host: example.com
            User-Agent: Mozilla/5.0 (X11; Linux x86_64)
            Accept: */*
            Accept-Encoding: gzip, br
            Accept-Language: en

            """.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);

    private IdleConnections() {}

    /** Takes the port and how many; says {@code open} when all of them have been answered. */
    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        int count = Integer.parseInt(args[1]);
        List<Socket> open = new ArrayList<>();
        byte[] response = new byte[8192];
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            open.add(socket);
            socket.getOutputStream().write(REQUEST);
            if (socket.getInputStream().read(response) < 0) {
                throw new IOException("connection " + i + " was closed");
            }
        }
        System.out.println("open");
        while (System.in.read() >= 0) {
            // Until it ends.
        }
        for (Socket socket : open) {
            socket.close();
        }
    }
}
