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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance as a process of its own, told everything by the environment, as in existing deployments. */
class InstanceProcessIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String TOKEN = "t0ken";

    @TempDir
    Path folder;

    private final int port = Fleet.freePort();
    private final Http http = new Http(TOKEN);
    private @Nullable ChildJvm process;

    @BeforeEach
    void seed() throws IOException {
        seed("{\"a\": {\"module\": \"save_to_disk\", \"auth\": \"none\"}}");
    }

    @AfterEach
    void kill() {
        if (process != null) {
            process.close();
        }
    }

    @Test
    void endsWithZeroWhenToldToStop() throws Exception {
        ChildJvm started = start();
        assertThat(call("POST", "/webhook/a", "{\"x\": 1}").status()).isEqualTo(202);

        assertThat(started.terminate()).as(started.tail()).isZero();
    }

    @Test
    void comesBackAfterAKillWithWhatWasPushedAndDeliversWhatWasAccepted() throws Exception {
        ChildJvm started = start();
        String pushed =
                "{\"type\": \"webhooks\", \"config\": {\"b\": {\"module\": \"save_to_disk\", \"auth\": \"none\"}}}";
        String hash =
                call("POST", "/admin/config-update", pushed).json().path("hash").asText();
        for (int i = 0; i < 50; i++) {
            assertThat(call("POST", "/webhook/b", "{\"i\": " + i + "}").status())
                    .isEqualTo(202);
        }

        started.kill();
        seed("{\"c\": {\"module\": \"log\"}}");
        start();

        assertThat(call("GET", "/admin/config-version", null)
                        .json()
                        .path("hash")
                        .asText())
                .isEqualTo(hash);
        Await.until(() -> "50 files, not " + files(), SOON, () -> files() == 50);
    }

    @Test
    void tellsEverythingThatIsWrongAndEndsWithTwo() throws Exception {
        seed("{\"a\": {\"module\": \"lok\"}, \"b\": {\"modul\": \"log\", \"module\": \"log\"}}");
        ChildJvm started = launch();

        assertThat(started.awaitExit(SOON)).isEqualTo(2);
        assertThat(started.tail()).contains("/a/module", "/b/modul", "did you mean");
    }

    private void seed(String webhooks) throws IOException {
        Files.writeString(folder.resolve("webhooks.json"), webhooks);
    }

    private ChildJvm launch() {
        ChildJvm started = ChildJvm.start(
                folder.resolve("out.log"),
                Map.of(
                        "INSTANCE_ID",
                        "webhook-9",
                        "CONFIG_RELOAD_ADMIN_TOKEN",
                        TOKEN,
                        "WEBHOOKS_CONFIG_FILE",
                        folder.resolve("webhooks.json").toString(),
                        "CONNECTIONS_CONFIG_FILE",
                        folder.resolve("connections.json").toString(),
                        "SLUICE_INSTANCE_HOST",
                        "127.0.0.1",
                        "SLUICE_INSTANCE_PORT",
                        Integer.toString(port),
                        "SLUICE_INSTANCE_DATA",
                        folder.resolve("data").toString(),
                        "SLUICE_INSTANCE_DRAIN_SHUTDOWN_GRACE",
                        "0s"),
                List.of(),
                List.of("webhook-instance"));
        process = started;
        return started;
    }

    private ChildJvm start() {
        ChildJvm started = launch();
        Await.until(
                () -> "the instance is healthy" + started.tail(),
                SOON,
                () -> call("GET", "/admin/health", null).status() == 200);
        return started;
    }

    private Http.Reply call(String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        return http.send(method, "http://127.0.0.1:" + port + path, body);
    }

    private long files() {
        try (Stream<Path> files = Files.walk(folder.resolve("data/files"))) {
            return files.filter(file ->
                            Files.isRegularFile(file) && !file.toString().endsWith(".tmp"))
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }
}
