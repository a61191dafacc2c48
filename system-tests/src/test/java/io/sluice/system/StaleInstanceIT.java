package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.load.LoadResult;
import io.sluice.system.load.OpenLoopLoad;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance comes back with a configuration that the pool does not accept. */
class StaleInstanceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int STALE = 2;

    @TempDir
    Path folder;

    @Test
    void oneThatForgotEverythingGetsNoRequestUntilTheEngineBroughtItUpToDate() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 5)) {
            String target = rollOut(fleet, "new");
            assertThatItReturnsOnlyWith(target, fleet, () -> fleet.wipe(STALE));
        }
    }

    @Test
    void oneWithLastWeeksDataGetsNoRequestUntilTheEngineBroughtItUpToDate() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 5)) {
            rollOut(fleet, "last-week");
            Path lastWeek = folder.resolve("last-week");
            copy(fleet.dataFolder(STALE), lastWeek);
            String target = rollOut(fleet, "this-week");
            assertThatItReturnsOnlyWith(target, fleet, () -> {
                fleet.wipe(STALE);
                copy(lastWeek, fleet.dataFolder(STALE));
            });
        }
    }

    private interface Change {
        void run() throws Exception;
    }

    /** The data folder is changed while the instance is dead; each answer names the instance and the configuration that gave it. */
    private static void assertThatItReturnsOnlyWith(String target, Fleet fleet, Change whileDead) throws Exception {
        try (OpenLoopLoad load = OpenLoopLoad.start(fleet.trafficPort(), Fleet.WEBHOOK, 100)) {
            Await.until("the load runs", SOON, () -> load.answered() > 100);
            fleet.process(Fleet.instanceId(STALE)).kill();
            whileDead.run();
            fleet.startInstance(STALE);
            Await.until(
                    "the instance is in service on the target"
                            + fleet.process("engine").tail(),
                    SOON,
                    () -> fleet.pool().inService() == 5
                            && fleet.configHash(STALE).equals(target));
            int answered = load.answered();
            Await.until("more load", SOON, () -> load.answered() > answered + 100);
            LoadResult result = load.stop();

            assertThat(result.answers())
                    .filteredOn(answer -> answer.accepted())
                    .allSatisfy(answer -> assertThat(answer.config()).isEqualTo(target));
            assertThat(result.byInstance()).hasSize(5);
        }
    }

    private static String rollOut(Fleet fleet, String revision) throws Exception {
        JsonNode over = fleet.awaitOver(fleet.submit(Fleet.webhooks(revision)), SOON);
        assertThat(over.get("phase").asText()).as(over.toPrettyString()).isEqualTo("SUCCEEDED");
        return over.get("targetHash").asText();
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
