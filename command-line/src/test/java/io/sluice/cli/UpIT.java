package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.client.ApiClient;
import io.sluice.client.Poll;
import io.sluice.client.Reply;
import io.sluice.service.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole Sluice as a process, operated through the commands. */
@Timeout(180)
class UpIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final int INSTANCES = 3;

    /** Below the range from which the system gives ports to outgoing connections. */
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 32_000;

    @TempDir
    private Path data = Path.of("");

    private Optional<Process> running = Optional.empty();

    @AfterEach
    void killWhatIsLeft() {
        running.ifPresent(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWholeSluiceStartsIsOperatedAndStops(boolean separate) throws Exception {
        int base = freePorts();
        Process process = up(base, separate);
        BufferedReader output = output(process);
        List<String> printed = linesUntil(output, "ready");
        assertThat(printed).endsWith("ready");
        assertThat(Files.getPosixFilePermissions(data.resolve("admin-token")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));

        serves(base);
        assertThat(command("status").out()).contains("webhook-1", "webhook-3", "in service");
        isVerified();
        drainsAndUndrains();
        rollsOut();
        if (separate) {
            startsAKilledInstanceAgain();
        }

        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(process.descendants()).isEmpty();
        requireFree(base);
    }

    @Test
    void aSecondStartKeepsTokenAndData() throws Exception {
        int base = freePorts();
        Process first = up(base, false);
        linesUntil(output(first), "ready");
        String token = Files.readString(data.resolve("admin-token"));
        assertThat(command("drain", "webhook-1").code()).isZero();
        first.destroy();
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();

        Process second = up(base, false);
        assertThat(linesUntil(output(second), "ready")).endsWith("ready");

        assertThat(Files.readString(data.resolve("admin-token"))).isEqualTo(token);
        assertThat(command("status").out()).contains("held by operator");
    }

    @Test
    void aTakenPortIsAnErrorThatNamesTheFlag() throws Exception {
        int base = freePorts();
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), base + 1));

            Process process = up(base, false);
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(errors).contains("--admin-port " + (base + 1) + ": the port is taken by another process");
        }
    }

    private void serves(int base) {
        ApiClient traffic = new ApiClient(URI.create("http://127.0.0.1:" + base), null, "test");
        TrafficSample sample = TrafficSample.take(traffic, "/webhook/test_webhook", 30);
        assertThat(sample.isFlawless()).as(sample.flaws()).isTrue();
        for (int i = 1; i <= INSTANCES; i++) {
            assertThat(sample.of("webhook-" + i)).isGreaterThan(0);
        }
        Reply hidden = traffic.call("GET", "/admin/health", null, Map.of());
        assertThat(hidden.status()).isEqualTo(404);
    }

    private void isVerified() {
        Ran verify = command("verify", "--requests", "12");
        assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
        assertThat(verify.out())
                .contains(
                        "✓ proxy is ready",
                        "✓ engine is ready",
                        "✓ webhook-3 comes back",
                        "✓ webhook-3 says that it goes",
                        "✓ webhook-3 stays")
                .doesNotContain("✗");
    }

    private void drainsAndUndrains() {
        assertThat(command("drain", "webhook-2").out()).contains("webhook-2 is drained");
        assertThat(command("status").out()).contains("held by operator");
        assertThat(command("undrain", "webhook-2").out()).contains("webhook-2 is back");
        assertThat(command("drain", "webhook-9").code()).isEqualTo(2);
    }

    private void rollsOut() throws IOException {
        ObjectNode changed = (ObjectNode)
                Json.mapper().readTree(HOME.resolve("config/webhooks.json").toFile());
        changed.set("one_more", changed.path("test_webhook").deepCopy());
        Path file = Files.writeString(data.resolve("new.json"), changed.toString());
        Ran rollout = command("rollout", "webhooks", file.toString(), "--reason", "test");
        assertThat(rollout.code()).as(rollout.out() + rollout.err()).isZero();
        assertThat(rollout.out()).contains("succeeded");
        assertThat(command("status").out())
                .containsPattern("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ  r-1 succeeded");

        changed.set("broken", Json.mapper().createObjectNode().put("module", "no such module"));
        Files.writeString(file, changed.toString());
        Ran rejected = command("rollout", "webhooks", file.toString());
        assertThat(rejected.code()).as(rejected.out() + rejected.err()).isEqualTo(3);
        assertThat(rejected.err()).contains("/broken/module");
    }

    private void startsAKilledInstanceAgain() throws Exception {
        Path pidFile = data.resolve("run").resolve("webhook-1.pid");
        String before = Files.readString(pidFile).strip();
        ProcessHandle.of(Long.parseLong(before)).orElseThrow().destroyForcibly();
        boolean back = new Poll(System::nanoTime).until(Duration.ofSeconds(60), () -> {
            try {
                return !Files.readString(pidFile).strip().equals(before)
                        && command("verify", "--requests", "6").code() == 0;
            } catch (IOException e) {
                return false;
            }
        });
        assertThat(back).isTrue();
    }

    private record Ran(int code, String out, String err) {}

    private Ran command(String name, String... args) {
        List<String> line = new ArrayList<>(List.of(name));
        line.addAll(Arrays.asList(args));
        line.addAll(List.of("--data", data.toString()));
        CapturedConsole console = new CapturedConsole(false);
        int code = console.run(HOME, line.toArray(String[]::new));
        return new Ran(code, console.out(), console.err());
    }

    private Process up(int base, boolean separate) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "-Dsluice.home=" + HOME,
                "io.sluice.Main",
                "up",
                "--port",
                Integer.toString(base),
                "--admin-port",
                Integer.toString(base + 1),
                "--rollout-port",
                Integer.toString(base + 2),
                "--instance-port",
                Integer.toString(base + 3),
                "--instances",
                Integer.toString(INSTANCES),
                "--data",
                data.toString()));
        if (separate) {
            command.add("--separate");
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SLUICE_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx128m");
        Process process = builder.start();
        running = Optional.of(process);
        return process;
    }

    /** The standard output; the error output is drained, and shown when the test is. */
    private static BufferedReader output(Process process) {
        Thread drain = new Thread(() -> {
            try (BufferedReader errors =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                errors.lines().forEach(line -> System.err.println("  | " + line));
            } catch (IOException e) {
                System.err.println("  | " + e);
            }
        });
        drain.setDaemon(true);
        drain.start();
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static List<String> linesUntil(BufferedReader reader, String last) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines.add(line);
            if (line.equals(last)) {
                break;
            }
        }
        return lines;
    }

    private static int freePorts() throws IOException {
        int needed = 3 + INSTANCES;
        int start = FIRST_PORT + (int) (ProcessHandle.current().pid() * 31 % (LAST_PORT - FIRST_PORT));
        for (int base = start; base < LAST_PORT; base += needed) {
            if (areFree(base, needed)) {
                return base;
            }
        }
        throw new IOException("no free ports");
    }

    private static boolean areFree(int base, int count) {
        for (int port = base; port < base + count; port++) {
            try {
                requireFree(port);
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    private static void requireFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
        }
    }
}
