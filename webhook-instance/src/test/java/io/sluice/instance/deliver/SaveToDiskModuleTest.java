package io.sluice.instance.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.configuration.ModuleSettings;
import io.sluice.instance.outbox.Attempt;
import io.sluice.instance.outbox.OutboxEvent;
import io.sluice.instance.outbox.StepPlan;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaveToDiskModuleTest {
    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void writesOneFileNamedByTheEventAndTheSameAgain() throws Exception {
        assertThat(deliver("a/b", "first")).isEqualTo(new Outcome.Delivered());
        assertThat(deliver("a/b", "second")).isEqualTo(new Outcome.Delivered());

        assertThat(folder.resolve("root/a/b/E1")).hasContent("second");
        try (Stream<Path> files = Files.list(folder.resolve("root/a/b"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void writesIntoTheRootItself() throws Exception {
        assertThat(deliver("", "x")).isEqualTo(new Outcome.Delivered());

        assertThat(folder.resolve("root/E1")).hasContent("x");
    }

    @Test
    void refusesPathsAndLinksThatLeadOutside() throws Exception {
        Path outside = Files.createDirectories(folder.resolve("outside"));
        Files.createDirectories(folder.resolve("root"));
        Files.createSymbolicLink(folder.resolve("root/link"), outside);

        assertThat(deliver("../outside", "x")).isInstanceOf(Outcome.Permanent.class);
        assertThat(deliver("link", "x")).isInstanceOf(Outcome.Permanent.class);
        assertThat(deliver("link/deeper", "x")).isInstanceOf(Outcome.Permanent.class);
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aLinkInPlaceOfTheTemporaryFileIsNotWrittenThrough() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "untouched");
        Files.createDirectories(folder.resolve("root"));
        Files.createSymbolicLink(folder.resolve("root/.E1.tmp"), victim);

        assertThat(deliver("", "x")).isEqualTo(new Outcome.Delivered());

        assertThat(victim).hasContent("untouched");
    }

    @Test
    void aFailureToWriteIsAFailedFuture() throws IOException {
        Files.writeString(folder.resolve("root"), "a file where the folder should be");

        assertThat(module().deliver(delivery("x"), new ModuleSettings.SaveToDisk("a"))
                        .toCompletionStage()
                        .toCompletableFuture())
                .failsWithin(Duration.ofSeconds(20));
    }

    private Outcome deliver(String path, String body) throws Exception {
        return module().deliver(delivery(body), new ModuleSettings.SaveToDisk(path))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    private SaveToDiskModule module() {
        return new SaveToDiskModule(folder.resolve("root"), vertx.createSharedWorkerExecutor("files", 1));
    }

    private static Delivery delivery(String body) {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        OutboxEvent event = new OutboxEvent(
                "E1",
                Duration.ZERO,
                "orders",
                1,
                now,
                "digest",
                Map.of(),
                List.of(new StepPlan("main", true)),
                Buffer.buffer(body));
        return new Delivery(new Attempt(1, 0, "main", "orders", "E1", 1, now, now), event);
    }
}
