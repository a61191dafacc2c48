package io.sluice.proxy;

import io.sluice.proxy.listener.Waiting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients that ask one after the other: some with a new connection for each request, some that keep theirs for as long as they may. Written on
 * sockets, since a client library would hide a failure by asking again.
 */
public final class SteadyClients implements AutoCloseable {
    /** What must not be repeated, and what may be. */
    private static final String POST = "POST %s HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx";

    private static final String GET = "GET %s HTTP/1.1\r\nHost: test\r\n\r\n";

    private static final int EACH = 2;
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final long PAUSE_NANOS = 2_000_000;

    private final int port;
    private final byte[] request;
    private final long pauseNanos;
    private final AtomicLong answers = new AtomicLong();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable Connection kept;
    private volatile boolean stopped;

    SteadyClients(int port, String path) throws IOException {
        this(port, POST, path, EACH, 0);
    }

    private SteadyClients(int port, String request, String path, int each, long pauseNanos) throws IOException {
        this.port = port;
        this.request = request.formatted(path).getBytes(StandardCharsets.ISO_8859_1);
        this.pauseNanos = pauseNanos;
        for (int i = 0; i < each; i++) {
            threads.add(new Thread(() -> run(false), "fresh-" + i));
            threads.add(new Thread(() -> run(true), "kept-" + i));
        }
        threads.forEach(Thread::start);
    }

    /** Who leave the machine some time for what else is to be seen. */
    public static SteadyClients pausing(int port, String path) throws IOException {
        return new SteadyClients(port, POST, path, EACH, PAUSE_NANOS);
    }

    /** Whose requests may be sent to a second backend when the first one is lost. */
    static SteadyClients repeatable(int port, String path) throws IOException {
        return new SteadyClients(port, GET, path, EACH, PAUSE_NANOS);
    }

    /** With one connection that is open and used, and no client at work. */
    static SteadyClients idle(int port, String path) throws IOException {
        SteadyClients clients = new SteadyClients(port, POST, path, 0, 0);
        Connection connection = clients.new Connection();
        connection.ask();
        clients.kept = connection;
        return clients;
    }

    /** One request over the connection that was opened first. */
    String once() throws IOException {
        return Objects.requireNonNull(kept).ask();
    }

    /** Whether that connection may be asked again. */
    boolean mayAskAgain() {
        return Objects.requireNonNull(kept).open;
    }

    public void awaitMore(int count) {
        long wanted = answers.get() + count;
        Waiting.until(count + " more answers", () -> answers.get() >= wanted || !failures.isEmpty());
    }

    /** What went wrong. */
    public List<String> stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join(TIMEOUT_MILLIS);
        }
        return failures;
    }

    private void run(boolean keeps) {
        try {
            while (!stopped) {
                try (Connection connection = new Connection()) {
                    do {
                        connection.ask();
                        answers.incrementAndGet();
                        LockSupport.parkNanos(pauseNanos);
                    } while (keeps && connection.open && !stopped);
                }
            }
        } catch (IOException | RuntimeException e) {
            failures.add(Thread.currentThread().getName() + " after " + answers + " answers: " + e);
        }
    }

    private final class Connection implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;
        private boolean open = true;

        Connection() throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        }

        String ask() throws IOException {
            socket.getOutputStream().write(request);
            String status = line();
            if (!status.startsWith("HTTP/1.1 200 ")) {
                throw new IOException("was answered " + status);
            }
            int length = 0;
            for (String line = line(); !line.isEmpty(); line = line()) {
                String field = line.toLowerCase(Locale.ROOT);
                open &= !field.equals("connection: close");
                length = field.startsWith("content-length: ") ? Integer.parseInt(field.substring(16)) : length;
            }
            char[] body = new char[length];
            for (int read = 0; read < length; ) {
                int more = in.read(body, read, length - read);
                if (more < 0) {
                    throw new IOException("ended within the body");
                }
                read += more;
            }
            return new String(body);
        }

        private String line() throws IOException {
            String line = in.readLine();
            if (line == null) {
                throw new IOException("closed before the answer");
            }
            return line;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        if (kept != null) {
            kept.close();
        }
    }
}
