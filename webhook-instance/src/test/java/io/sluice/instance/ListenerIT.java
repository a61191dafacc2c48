package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the port does with callers that are slow, large, or come under a name of their own. */
class ListenerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final String TOKEN = "Authorization: Bearer " + RunningInstance.TOKEN + "\r\n";

    @TempDir
    private Path folder;

    private RunningInstance instance;

    @BeforeEach
    void start() throws IOException {
        RunningInstance.seed(folder, "{'a': {'module': 'log', 'auth': 'none'}}");
        instance = RunningInstance.start(folder);
    }

    @AfterEach
    void stop() {
        instance.close();
    }

    private void restart(Duration idle, Duration head) {
        instance.close();
        instance = RunningInstance.start(
                folder, settings -> settings.withListener(settings.listener().withTimeouts(idle, head)));
    }

    @Test
    void aHeadThatTricklesInIsCutOff() throws IOException {
        restart(LONG, SHORT);
        try (Socket socket = connect()) {
            write(socket, "POST /webhook/a HTTP/1.1\r\nX-Slow: ");
            assertThat(isCutOffWhileItTrickles(socket)).isTrue();
        }
        assertThat(metrics()).contains("listener_refused_total{reason=\"timeout\"} 1.0");
    }

    @Test
    void theNextHeadOnAKeptConnectionMayNotTrickleEither() throws IOException {
        restart(SHORT, LONG);
        try (Socket socket = connect()) {
            write(socket, "GET /admin/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            write(socket, "GET /admin/health HTTP/1.1\r\nX-Slow: ");
            assertThat(isCutOffWhileItTrickles(socket)).isTrue();
        }
    }

    @Test
    void aRequestThatRunsIsNotCutOffHoweverLongItTakes() throws IOException {
        restart(SHORT, SHORT);
        try (Socket running = connect();
                Socket idle = connect()) {
            String head = String.join(
                    "\r\n",
                    "POST /webhook/a HTTP/1.1",
                    "Host: x",
                    "Content-Type: application/json",
                    "Content-Length: 2",
                    "Expect: 100-continue",
                    "Connection: close");
            write(running, head + "\r\n\r\n");
            assertThat(running.getInputStream().read()).isEqualTo('H');
            assertThat(idle.getInputStream().read()).isEqualTo(-1); // both times are over
            write(running, "{}");
            assertThat(rest(running)).contains("HTTP/1.1 202");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 101})
    void headersAreCounted(int headers) throws IOException {
        String more =
                IntStream.range(1, headers).mapToObj(i -> "X-" + i + ": x\r\n").collect(Collectors.joining());
        String answer = call("GET /admin/health HTTP/1.1\r\nHost: x\r\n" + more + "\r\n", headers <= 100);
        assertThat(answer).startsWith(headers <= 100 ? "HTTP/1.1 200" : "HTTP/1.1 431");
    }

    @Test
    void headsThatAreTooLargeOrMalformedAreRefusedAndCounted() throws IOException {
        assertThat(call("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", true))
                .endsWith(" 414");
        assertThat(call("GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + "x".repeat(41_000) + "\r\n\r\n", true))
                .startsWith("HTTP/1.1 431");
        assertThat(metrics()).contains("listener_refused_total{reason=\"malformed\"} 2.0");
    }

    @Test
    void aPageUnderANameOfItsOwnReadsNothing() throws IOException {
        for (String path : new String[] {"/admin/drain-status", "/metrics", "/admin/health?deep=1"}) {
            assertThat(get(path, "Host: evil.example\r\n")).as(path).startsWith("HTTP/1.1 403");
            assertThat(get(path, "Host: evil.example\r\n" + TOKEN)).as(path).startsWith("HTTP/1.1 200");
            for (String own : new String[] {"localhost", "127.0.0.1:" + instance.port(), "webhook-1:8000"}) {
                assertThat(get(path, "Host: " + own + "\r\n")).as(path + own).startsWith("HTTP/1.1 200");
            }
        }
        assertThat(get("/admin/health", "Host: evil.example\r\n")).startsWith("HTTP/1.1 200");
    }

    @Test
    void metricsNeedTheTokenFromOtherMachines() throws IOException {
        Optional<InetAddress> outside = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst();
        assumeTrue(outside.isPresent(), "this machine has loopback only");
        instance.close();
        instance = RunningInstance.start(
                folder, settings -> settings.withListener(settings.listener().withHost("0.0.0.0")));
        String host = "Host: " + outside.get().getHostAddress() + "\r\n";
        try (Socket without = new Socket(outside.get(), instance.port());
                Socket with = new Socket(outside.get(), instance.port())) {
            write(without, "GET /metrics HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n");
            assertThat(rest(without)).startsWith("HTTP/1.1 401");
            write(with, "GET /metrics HTTP/1.1\r\n" + host + TOKEN + "Connection: close\r\n\r\n");
            assertThat(rest(with)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void metricsTellWhatBecameOfWebhooks() {
        instance.send(instance.post("/webhook/a", "{'x': 1}"));
        instance.send(instance.post("/webhook/a", "no json"));
        String hash = instance.getAs("/admin/config-version").text("hash");
        String delivered = "delivery_latency_seconds_count{step=\"main\",webhook=\"a\"} 1";
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!metrics().contains(delivered)) {
            assertThat(System.nanoTime()).as(metrics()).isLessThan(deadline);
        }
        assertThat(metrics())
                .contains("webhook_requests_total{code=\"202\",reason=\"accepted\",webhook=\"a\"} 1.0")
                .contains("webhook_requests_total{code=\"400\"")
                .contains("delivery_attempts_total{result=\"delivered\"")
                .contains("outbox_bytes ")
                .contains("outbox_oldest_age_seconds 0.0")
                .contains("config_hash{hash=\"" + hash + "\",instance_id=\"webhook-1\"} 1.0")
                .contains("listener_connections ")
                .contains("drain_state 0.0");
    }

    private String metrics() {
        return instance.get("/metrics").response().body();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), instance.port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String get(String path, String headers) throws IOException {
        return call("GET " + path + " HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n", false);
    }

    /** The answer, or its first kilobyte when the other side may leave the connection open. */
    private String call(String request, boolean mayStayOpen) throws IOException {
        try (Socket socket = connect()) {
            write(socket, request);
            return mayStayOpen ? text(socket.getInputStream().readNBytes(12)) : rest(socket);
        }
    }

    private static String rest(Socket socket) throws IOException {
        return text(socket.getInputStream().readAllBytes());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Sends a byte again and again, so that the connection is never idle. */
    private static boolean isCutOffWhileItTrickles(Socket socket) throws IOException {
        socket.setSoTimeout(5);
        InputStream in = socket.getInputStream();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                write(socket, "x");
                if (in.read() < 0) {
                    return true;
                }
            } catch (SocketTimeoutException stillOpen) {
                // on to the next byte
            } catch (SocketException cut) {
                return true;
            }
        }
        return false;
    }
}
