package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.RunningInstance.Answer;
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

    private static Answer send(RunningInstance instance, String token) {
        return instance.send(instance.post("/webhook/a", "{'x': 1}").header("Authorization", "Bearer " + token));
    }
}
