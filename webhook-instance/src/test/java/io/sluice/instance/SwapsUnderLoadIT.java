package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.RunningInstance.Answer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwapsUnderLoadIT {
    private static final int SWAPS = 1_000;
    private static final int CLIENTS = 4;
    private static final String ONE =
            "{'a': {'module': 'log', 'authorization': 'Bearer one', 'respond': {'status': 200}}}";
    private static final String TWO =
            "{'a': {'module': 'log', 'authorization': 'Bearer two', 'respond': {'status': 202}}}";

    /**
     * Two configurations that differ in the token they ask for and in the status they answer with. A request that saw part of each would
     * be let in by one token and answered with the other's status.
     */
    @Test
    void eachRequestSeesExactlyOneConfiguration(@TempDir Path folder) throws Exception {
        RunningInstance.seed(folder, ONE);
        AtomicBoolean done = new AtomicBoolean();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try (RunningInstance instance = RunningInstance.start(folder)) {
            List<CompletableFuture<Void>> load = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                String token = i % 2 == 0 ? "one" : "two";
                load.add(CompletableFuture.runAsync(
                        () -> {
                            while (!done.get()) {
                                seen.add(token + " " + send(instance, token).status());
                            }
                        },
                        clients));
            }
            for (int i = 0; i < SWAPS; i++) {
                Answer update = instance.postAs(
                        "/admin/config-update",
                        "{'type': 'webhooks', 'config': " + (i % 2 == 0 ? TWO : ONE) + ", 'if_generation': " + (i + 1)
                                + "}");
                assertThat(update.status()).isEqualTo(200);
                assertThat(update.json().path("generation").asLong()).isEqualTo(i + 2L);
            }
            done.set(true);
            CompletableFuture.allOf(load.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        } finally {
            done.set(true);
            clients.shutdownNow();
        }
        assertThat(seen).containsExactlyInAnyOrder("one 200", "one 401", "two 202", "two 401");
    }

    /** The status is the one of the configuration the request began with; the hash tells who would answer the next. */
    @Test
    void aRequestThatASwapOvertakesEndsAsItBeganAndTellsWhatRunsNow(@TempDir Path folder) throws Exception {
        RunningInstance.seed(folder, ONE);
        try (RunningInstance instance = RunningInstance.start(folder);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), instance.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST /webhook/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer one\r\n"
                                    + "Content-Length: 2\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (instance.get("/admin/drain-status").json().path("in_flight").asLong() != 1) {
                assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            }

            String hash = instance.postAs("/admin/config-update", "{'type': 'webhooks', 'config': " + TWO + "}")
                    .text("hash");
            socket.getOutputStream().write('}');

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("X-Config-Hash: " + hash);
        }
    }

    private static Answer send(RunningInstance instance, String token) {
        return instance.send(instance.post("/webhook/a", "{'x': 1}").header("Authorization", "Bearer " + token));
    }
}
