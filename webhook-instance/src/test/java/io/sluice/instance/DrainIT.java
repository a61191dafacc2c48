package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.RunningInstance.Answer;
import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrainIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

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

    private Answer send() {
        return instance.send(instance.post("/webhook/a", "{'x': 1}"));
    }

    @Test
    void requestsAreTakenThroughTheGraceOnConnectionsThatThenClose() throws IOException {
        instance.postAs("/admin/drain", "{'grace_ms': 600000}");
        try (Raw raw = new Raw()) {
            raw.send("{\"x\":1}", 7);
            assertThat(raw.rest()).startsWith("HTTP/1.1 202").containsIgnoringCase("connection: close");
        }

        instance.postAs("/admin/drain", "{'holder': 'rollout:r-1', 'grace_ms': 0}");
        Answer refused = send();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Webhook-Not-Accepted")).isEqualTo("draining");
        assertThat(refused.header("Retry-After")).isNotBlank();

        instance.postAs("/admin/undrain", "{'holder': 'rollout:r-1'}");
        instance.postAs("/admin/undrain", "{}");
        assertThat(send().status()).isEqualTo(202);
    }

    @Test
    void aGraceEndsByItself() {
        instance.postAs("/admin/drain", "{'grace_ms': 30}");

        awaitState("drained");
        assertThat(send().status()).isEqualTo(503);
    }

    @Test
    void drainWaitsForWhatRuns() throws IOException {
        try (Raw raw = new Raw()) {
            raw.send("{\"x\"", 7);
            awaitInFlight(1);
            Answer drain = instance.postAs("/admin/drain", "{'grace_ms': 0}");
            assertThat(drain.text("state")).isEqualTo("draining");
            assertThat(drain.json().path("in_flight").asLong()).isEqualTo(1);

            raw.more(":1}");

            assertThat(raw.rest()).startsWith("HTTP/1.1 202");
        }
        awaitState("drained");
    }

    @Test
    void whoWaitsForTheDrainIsToldWhenTheLastRequestEnds() throws Exception {
        CompletableFuture<Answer> told;
        try (Raw raw = new Raw()) {
            raw.send("{\"x\"", 7);
            awaitInFlight(1);
            instance.postAs("/admin/drain", "{'grace_ms': 0}");
            told = CompletableFuture.supplyAsync(() -> instance.getAs("/admin/drain-status?wait=60s"));
            assertThat(instance.getAs("/admin/drain-status?wait=50ms").text("state"))
                    .isEqualTo("draining");
            assertThat(told).isNotDone();

            raw.more(":1}");

            assertThat(raw.rest()).startsWith("HTTP/1.1 202");
        }
        assertThat(told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).text("state"))
                .isEqualTo("drained");
    }

    @Test
    void onlyWhoHasTheTokenMayWait() {
        assertThat(instance.get("/admin/drain-status?wait=1s").status()).isEqualTo(401);
        assertThat(instance.getAs("/admin/drain-status?wait=1h").status()).isEqualTo(400);
        assertThat(instance.getAs("/admin/drain-status?wait=60s").text("state")).isEqualTo("active");
    }

    @Test
    void stoppingFinishesWhatRunsFirst() throws IOException {
        Future<Void> stopped;
        try (Raw raw = new Raw()) {
            raw.send("{\"x\"", 7);
            awaitInFlight(1);
            stopped = instance.stop();
            awaitRefused();
            assertThat(stopped.isComplete()).isFalse();

            raw.more(":1}");

            assertThat(raw.rest()).startsWith("HTTP/1.1 202");
        }
        RunningInstance.await(stopped);
    }

    private void awaitRefused() {
        await(() -> instance.get("/admin/health").status() == 503);
    }

    private void awaitInFlight(long count) {
        await(() -> instance.get("/admin/drain-status").json().path("in_flight").asLong() == count);
    }

    private void awaitState(String state) {
        await(() -> instance.get("/admin/drain-status").text("state").equals(state));
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** A connection on which a request can be sent in pieces. */
    private final class Raw implements AutoCloseable {
        private final Socket socket;

        Raw() throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), instance.port());
            socket.setSoTimeout((int) PATIENCE.toMillis());
        }

        void send(String start, int length) throws IOException {
            more("POST /webhook/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " + length
                    + "\r\n\r\n" + start);
        }

        void more(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Everything until the other side closes. */
        String rest() throws IOException {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
                return reader.lines().collect(Collectors.joining("\n"));
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
