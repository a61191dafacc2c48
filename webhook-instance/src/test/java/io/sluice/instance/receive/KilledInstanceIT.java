package io.sluice.instance.receive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} under load, several times over the same data: everything that was acknowledged is delivered in the end. */
class KilledInstanceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KILLS = 3;
    private static final int ACKNOWLEDGED_BEFORE_KILL = 150;
    private static final int SENDERS = 4;

    @TempDir
    Path data;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void whatWasAcknowledgedIsDeliveredAfterTheRestart() throws Exception {
        for (int i = 0; i < KILLS; i++) {
            Process process = startInstance();
            try {
                sendUntilKilled(process, port(process));
            } finally {
                process.destroyForcibly();
            }
        }

        try (TestInstance instance = TestInstance.start(data, InstanceProcess.WEBHOOKS)) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (instance.outbox.pending() > 0 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(instance.outbox.status().damaged()).isZero();
            assertThat(instance.outbox.pending()).isZero();
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(KILLS * ACKNOWLEDGED_BEFORE_KILL);
        assertThat(acknowledged)
                .allSatisfy(id -> assertThat(data.resolve("files/keep/" + id)).hasContent("{\"key\":\"value\"}"));
        try (var files = Files.list(data.resolve("files/keep"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".tmp")).count())
                    .isLessThanOrEqualTo(KILLS * 16);
        }
    }

    private void sendUntilKilled(Process process, int port) throws InterruptedException {
        CountDownLatch enough = new CountDownLatch(ACKNOWLEDGED_BEFORE_KILL);
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        for (int i = 0; i < SENDERS; i++) {
            senders.execute(() -> send(port, enough));
        }
        assertThat(enough.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        // SIGKILL, while requests are under way
        assertThat(process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        senders.shutdown();
        assertThat(senders.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    /** Sends until the connection breaks, which is when the instance is dead. */
    private void send(int port, CountDownLatch enough) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/webhook/keep"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"value\"}"))
                .build();
        try {
            while (true) {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 202) {
                    acknowledged.add(
                            TestInstance.json(answer.body()).path("event_id").asText());
                    enough.countDown();
                }
            }
        } catch (IOException dead) {
            // expected: the end of this sender
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process startInstance() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InstanceProcess.class.getName(),
                        data.toString())
                .redirectErrorStream(true)
                .start();
    }

    private static int port(Process process) throws IOException {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder seen = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("port ")) {
                return Integer.parseInt(line.substring("port ".length()));
            }
            seen.append(line).append('\n');
        }
        throw new IOException("the instance ended: " + seen);
    }
}
