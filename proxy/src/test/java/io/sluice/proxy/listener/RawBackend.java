package io.sluice.proxy.listener;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that speaks HTTP byte by byte: each connection is handled by a script, and what requests looked like is kept. */
public final class RawBackend implements AutoCloseable {
    /** Handles one connection until it returns; the connection is closed then. */
    public interface Script {
        void run(Connection connection) throws IOException;
    }

    /** One accepted connection. */
    public final class Connection {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        /** From 1, in the order of acceptance. */
        final int number;

        Connection(Socket socket, int number) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
            this.number = number;
        }

        /** Reads up to the empty line; empty at the end of the stream. */
        public String readHead() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (true) {
                int octet = in.read();
                if (octet < 0) {
                    return head.toString(StandardCharsets.ISO_8859_1);
                }
                head.write(octet);
                if (endsWithEmptyLine(head)) {
                    String text = head.toString(StandardCharsets.ISO_8859_1);
                    heads.add(text);
                    return text;
                }
            }
        }

        /** Reads one request with its body; the head, or empty at the end of the stream. */
        public String readRequest() throws IOException {
            String head = readHead();
            if (head.isEmpty()) {
                return head;
            }
            String body = "";
            int length = contentLength(head);
            if (length > 0) {
                body = read(length);
            } else if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
                body = readChunked();
            }
            requests.add(head + body);
            return head;
        }

        /** Reads one request as it is, its chunks included, the request id replaced by a star; empty at the end of the stream, also in the middle. */
        public String readWire() throws IOException {
            String head = readHead();
            String body = "";
            int length = contentLength(head);
            if (length > 0) {
                body = read(length);
                if (body.length() < length) {
                    return "";
                }
            } else if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
                String chunks = readWireChunks();
                if (chunks.isEmpty()) {
                    return "";
                }
                body = chunks;
            }
            if (!head.endsWith("\r\n\r\n")) {
                return "";
            }
            String seen = head.replaceFirst("X-Request-ID: [^\r]*", "X-Request-ID: *") + body;
            wire.add(seen);
            return seen;
        }

        private String readWireChunks() throws IOException {
            StringBuilder chunks = new StringBuilder();
            boolean last = false;
            while (!last) {
                String size = readWireLine();
                if (size.isEmpty()) {
                    return "";
                }
                int bytes = Integer.parseInt(size.strip(), 16);
                chunks.append(size);
                last = bytes == 0;
                chunks.append(read(bytes));
                String line = readWireLine();
                while (last && line.length() > 2) {
                    chunks.append(line);
                    line = readWireLine();
                }
                if (!line.equals("\r\n")) {
                    return "";
                }
                chunks.append(line);
            }
            return chunks.toString();
        }

        /** With its end; empty at the end of the stream. */
        private String readWireLine() throws IOException {
            StringBuilder line = new StringBuilder();
            while (line.length() == 0 || line.charAt(line.length() - 1) != '\n') {
                int octet = in.read();
                if (octet < 0) {
                    return "";
                }
                line.append((char) octet);
            }
            return line.toString();
        }

        public String read(int length) throws IOException {
            return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
        }

        private String readChunked() throws IOException {
            StringBuilder body = new StringBuilder();
            while (true) {
                String size = readLine();
                int bytes = Integer.parseInt(size.trim(), 16);
                body.append(read(bytes));
                readLine();
                if (bytes == 0) {
                    return body.toString();
                }
            }
        }

        private String readLine() throws IOException {
            StringBuilder line = new StringBuilder();
            int octet = in.read();
            while (octet >= 0 && octet != '\n') {
                line.append((char) octet);
                octet = in.read();
            }
            return line.toString().strip();
        }

        public void write(String bytes) throws IOException {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        public void write(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        public void respond(int status, String body, String... headers) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            write(head + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        }

        Socket socket() {
            return socket;
        }

        public InputStream in() {
            return in;
        }

        /** Says that nothing more comes, and goes on reading. */
        public void endOutput() throws IOException {
            socket.shutdownOutput();
        }

        /** Closes so that the peer sees a reset. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    private final ServerSocket server;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Thread acceptor;
    private volatile Script script;
    public final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    public final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    /** What {@link Connection#readWire} read. */
    public final BlockingQueue<String> wire = new LinkedBlockingQueue<>();

    public RawBackend(Script script) {
        this(script, listen());
    }

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Accepts on a socket that is open, and closes it. */
    RawBackend(Script script, ServerSocket server) {
        this.script = script;
        this.server = server;
        acceptor = start("backend " + server.getLocalPort(), this::acceptAll);
    }

    /** Answers every request on every connection with 200 and this body. */
    public static RawBackend answering(String body) {
        return new RawBackend(connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(200, body);
            }
        });
    }

    public void script(Script next) {
        script = next;
    }

    public int port() {
        return server.getLocalPort();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    /** Connections that are open. */
    int open() {
        return open.size();
    }

    public int accepted() {
        return accepted.get();
    }

    public String nextRequest() throws InterruptedException {
        return next(requests);
    }

    /** The next request as it came. */
    public String nextWire() throws InterruptedException {
        return next(wire);
    }

    /** The same message with its chunks joined; how a body is cut into chunks means nothing. */
    static String withoutChunks(String message) {
        int head = message.indexOf("\r\n\r\n") + 4;
        if (!message.substring(0, head).contains("Transfer-Encoding: chunked")) {
            return message;
        }
        StringBuilder joined = new StringBuilder(message.substring(0, head));
        int at = head;
        int bytes = -1;
        while (bytes != 0) {
            int line = message.indexOf("\r\n", at);
            bytes = Integer.parseInt(message.substring(at, line), 16);
            joined.append(message, line + 2, line + 2 + bytes);
            at = line + 2 + bytes + (bytes == 0 ? 0 : 2);
        }
        return joined.append('|').append(message.substring(at)).toString();
    }

    private static String next(BlockingQueue<String> from) throws InterruptedException {
        String request = from.poll(10, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request reached the backend");
        }
        return request;
    }

    /** Closes every open connection. */
    public void dropConnections() {
        for (Socket socket : open) {
            closeQuietly(socket);
        }
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                int number = accepted.incrementAndGet();
                start("connection " + number, () -> serve(socket, number));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            script.run(new Connection(socket, number));
        } catch (IOException gone) {
            // The proxy closed it, which most scripts do not mind.
        } finally {
            open.remove(socket);
        }
    }

    private static Thread start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static boolean endsWithEmptyLine(ByteArrayOutputStream head) {
        int size = head.size();
        return size >= 4 && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n");
    }

    static int contentLength(String head) {
        for (String line : head.split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                return Integer.parseInt(line.substring(line.indexOf(':') + 1).trim());
            }
        }
        return -1;
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyClosed) {
            // Fine.
        }
    }

    /** Ends as a process does that is killed: connections are reset, and the port refuses new ones. */
    public void kill() {
        stopAccepting();
        for (Socket socket : open) {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException alreadyClosed) {
                // Fine.
            }
            closeQuietly(socket);
        }
    }

    /** Refuses connections from now on and closes those that are open. */
    public void stopListening() {
        stopAccepting();
        dropConnections();
    }

    private void stopAccepting() {
        try {
            server.close();
            // Until this thread has noticed, the kernel goes on accepting.
            acceptor.join(10_000);
        } catch (IOException alreadyClosed) {
            // Fine.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopListening();
    }
}
