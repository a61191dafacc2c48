package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.ChildJvm;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.fleet.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy as a process of its own: its routes and pools outlive a kill, and SIGHUP has it read its file again. */
class ProxyProcessIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String TOKEN = "t0ken";

    @TempDir
    Path folder;

    private final int port = Fleet.freePort();
    private final int admin = Fleet.freePort();
    private final Http http = new Http(TOKEN);
    private @Nullable ChildJvm process;

    @AfterEach
    void kill() {
        if (process != null) {
            process.close();
        }
    }

    @Test
    void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
        write("");
        ChildJvm started = start();
        AtomicInteger acknowledged = new AtomicInteger();
        CompletableFuture<Void> changing = CompletableFuture.runAsync(() -> changeUntilItFails(acknowledged));
        Await.until(() -> "20 changes, not " + acknowledged, SOON, () -> acknowledged.get() >= 20);
        started.kill();
        changing.join();

        start();
        String routes = http.get(api("/v1/routes")).text();
        for (int i = 1; i <= acknowledged.get(); i++) {
            assertThat(routes).contains("\"name\":\"r" + i + "\"");
            assertThat(http.get(api("/v1/pools/p" + i)).status()).isEqualTo(200);
            assertThat(traffic("/r" + i + "/")).isEqualTo("answer " + i);
        }
    }

    private void changeUntilItFails(AtomicInteger acknowledged) {
        try {
            for (int i = 1; true; i++) {
                put("/v1/pools/p" + i, "{\"backends\":{\"b\":{\"address\":\"127.0.0.1:1\"}}}");
                put("/v1/routes/r" + i, "{\"path\":\"/r" + i + "/\",\"respond\":{\"body\":\"answer " + i + "\"}}");
                acknowledged.set(i);
            }
        } catch (IOException killed) {
            // That is its end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void put(String path, String body) throws IOException, InterruptedException {
        Http.Reply reply = http.send("PUT", api(path), body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
    }

    @Test
    void aHangupTakesInWhatTheFileChanged() throws Exception {
        write("");
        ChildJvm started = start();
        assertThat(http.get("http://127.0.0.1:" + port + "/new/").status()).isEqualTo(404);
        write("routes: [ { name: new, path: /new/, respond: { body: fresh } } ]");
        assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(started.pid()))
                        .start()
                        .waitFor())
                .isZero();
        Await.until(
                () -> "the new route" + started.tail(),
                SOON,
                () -> traffic("/new/").equals("fresh"));
        assertThat(http.get(api("/v1/routing/journal")).text()).contains("SIGHUP");

        // One that is wrong is told of, and changes nothing.
        write("routes: [ { name: new, path: nowhere, respond: { body: stale } } ]");
        new ProcessBuilder("kill", "-HUP", Long.toString(started.pid())).start().waitFor();
        Await.until(
                () -> "the mistake" + started.tail(), SOON, () -> started.tail().contains("nowhere"));
        assertThat(traffic("/new/")).isEqualTo("fresh");
        assertThat(started.terminate()).isZero();
    }

    private String traffic(String path) throws IOException, InterruptedException {
        return http.get("http://127.0.0.1:" + port + path).text();
    }

    private String api(String path) {
        return "http://127.0.0.1:" + admin + path;
    }

    private void write(String more) throws IOException {
        Files.writeString(folder.resolve("proxy.yaml"), """
                listener: { host: 127.0.0.1, port: %d, lame-duck: 0s }
                admin: { host: 127.0.0.1, port: %d }
                data: %s
                %s
                """.formatted(port, admin, folder.resolve("data"), more));
    }

    private ChildJvm start() {
        ChildJvm started = ChildJvm.start(
                folder.resolve("out.log"),
                Map.of("SLUICE_PROXY_TOKEN", TOKEN),
                List.of(),
                List.of("proxy", folder.resolve("proxy.yaml").toString()));
        process = started;
        Await.until(
                () -> "the proxy is ready" + started.tail(),
                SOON,
                () -> http.get(api("/readyz")).status() == 200);
        return started;
    }
}
