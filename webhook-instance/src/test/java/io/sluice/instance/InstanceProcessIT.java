package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.service.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance as a process of its own, told everything by the environment, as in existing deployments. */
class InstanceProcessIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private int port;
    private @Nullable Process process;

    @BeforeEach
    void findPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        seed("{\"a\": {\"module\": \"save_to_disk\", \"auth\": \"none\"}}");
    }

    @AfterEach
    void kill() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private void seed(String webhooks) throws IOException {
        Files.writeString(folder.resolve("webhooks.json"), webhooks);
    }

    private Process launch() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        builder.environment()
                .putAll(java.util.Map.of(
                        "INSTANCE_ID", "webhook-9",
                        "CONFIG_RELOAD_ADMIN_TOKEN", "t0ken",
                        "WEBHOOKS_CONFIG_FILE", folder.resolve("webhooks.json").toString(),
                        "CONNECTIONS_CONFIG_FILE",
                                folder.resolve("connections.json").toString(),
                        "SLUICE_INSTANCE_PORT", Integer.toString(port),
                        "SLUICE_INSTANCE_DATA", folder.resolve("data").toString(),
                        "SLUICE_INSTANCE_DRAIN_SHUTDOWN_GRACE", "0s"));
        builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.log").toFile());
        Process started = builder.start();
        process = started;
        return started;
    }

    private Process start() throws Exception {
        Process started = launch();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isHealthy()) {
            assertThat(started.isAlive()).as(() -> log()).isTrue();
            assertThat(System.nanoTime()).as(() -> log()).isLessThan(deadline);
            started.waitFor(20, TimeUnit.MILLISECONDS); // ends early only when the process does
        }
        return started;
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("out.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private boolean isHealthy() throws InterruptedException {
        try {
            return send("GET", "/admin/health", "").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Authorization", "Bearer t0ken")
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void endsWithZeroWhenToldToStop() throws Exception {
        Process started = start();
        assertThat(send("POST", "/webhook/a", "{\"x\": 1}").statusCode()).isEqualTo(202);

        started.destroy();

        assertThat(started.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(started.exitValue()).as(() -> log()).isZero();
    }

    @Test
    void comesBackAfterAKillWithWhatWasPushedAndDeliversWhatWasAccepted() throws Exception {
        Process started = start();
        String pushed =
                "{\"type\": \"webhooks\", \"config\": {\"b\": {\"module\": \"save_to_disk\", \"auth\": \"none\"}}}";
        String hash = Json.mapper()
                .readTree(send("POST", "/admin/config-update", pushed).body())
                .path("hash")
                .asText();
        for (int i = 0; i < 50; i++) {
            assertThat(send("POST", "/webhook/b", "{\"i\": " + i + "}").statusCode())
                    .isEqualTo(202);
        }

        started.destroyForcibly();
        started.waitFor();
        seed("{\"c\": {\"module\": \"log\"}}");
        start();

        assertThat(send("GET", "/admin/health", "").headers().firstValue("X-Config-Hash"))
                .contains(hash);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (files() < 50) {
            assertThat(System.nanoTime()).as(() -> files() + " files").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private long files() {
        try (var files = Files.walk(folder.resolve("data/files"))) {
            return files.filter(file ->
                            Files.isRegularFile(file) && !file.toString().endsWith(".tmp"))
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void tellsEverythingThatIsWrongAndEndsWithTwo() throws Exception {
        seed("{\"a\": {\"module\": \"lok\"}, \"b\": {\"modul\": \"log\", \"module\": \"log\"}}");
        Process started = launch();

        assertThat(started.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(started.exitValue()).isEqualTo(2);
        assertThat(log()).contains("/a/module", "/b/modul", "did you mean");
    }
}
