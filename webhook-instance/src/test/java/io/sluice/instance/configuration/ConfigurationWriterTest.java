package io.sluice.instance.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.configuration.UpdateOutcome.Accepted;
import io.sluice.instance.configuration.UpdateOutcome.Reason;
import io.sluice.instance.configuration.UpdateOutcome.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationWriterTest {
    private static final String A = "{'a': {'module': 'log'}}";
    private static final String B = "{'b': {'module': 'log'}}";

    private final Clock clock = Clock.fixed(Instant.parse("2026-02-03T04:05:06Z"), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    private CurrentConfiguration current;
    private ConfigurationWriter writer;

    @BeforeEach
    void start() throws IOException {
        Files.write(folder.resolve("webhooks.json"), Documents.bytes(A));
        restart();
    }

    private void restart() {
        GenerationStore store = new GenerationStore(folder.resolve("config"));
        SeedFiles seeds = new SeedFiles(folder.resolve("webhooks.json"), folder.resolve("connections.json"));
        current = new CurrentConfiguration(new StartingConfiguration(store, Documents.reader(), seeds, clock).find());
        writer = new ConfigurationWriter(current, store, Documents.reader(), clock);
    }

    private Accepted accepted(UpdateOutcome outcome) {
        assertThat(outcome).isInstanceOf(Accepted.class);
        return (Accepted) outcome;
    }

    private Refused refused(UpdateOutcome outcome) {
        assertThat(outcome).isInstanceOf(Refused.class);
        return (Refused) outcome;
    }

    private UpdateOutcome push(String body) {
        return writer.update(ConfigurationChange.parse(Documents.bytes(body)));
    }

    private UpdateOutcome pushWebhooks(String webhooks) {
        return push("{'type': 'webhooks', 'config': " + webhooks + "}");
    }

    @Test
    void startsWithTheSeedFilesAsGenerationOne() {
        assertThat(current.get().generation()).isEqualTo(1);
        assertThat(current.get().origin()).isEqualTo(new Origin(Origin.Source.SEED_FILES, clock.instant()));
        assertThat(current.get().webhooks()).containsOnlyKeys("a");
    }

    @Test
    void aPushRunsAndSurvivesARestart() {
        assertThat(accepted(pushWebhooks(B)).changed()).isTrue();
        assertThat(current.get().generation()).isEqualTo(2);
        String hash = current.get().hash();

        restart();

        assertThat(current.get().hash()).isEqualTo(hash);
        assertThat(current.get().generation()).isEqualTo(2);
        assertThat(current.get().webhooks()).containsOnlyKeys("b");
        assertThat(current.get().origin().source()).isEqualTo(Origin.Source.PUSH);
    }

    @Test
    void seedFilesCountOnlyForTheFirstStart() throws IOException {
        Files.write(folder.resolve("webhooks.json"), Documents.bytes(B));
        restart();
        assertThat(current.get().webhooks()).containsOnlyKeys("a");

        Files.write(folder.resolve("webhooks.json"), Documents.bytes("{nonsense"));
        restart();
        assertThat(current.get().webhooks()).containsOnlyKeys("a");
    }

    @Test
    void sendingWhatRunsAlreadyChangesNothingWhateverTheConditions() {
        pushWebhooks(B);
        Accepted again =
                accepted(push("{'type': 'webhooks', 'config': " + B + ", 'if_hash': 'other', 'if_generation': 1}"));

        assertThat(again.changed()).isFalse();
        assertThat(again.configuration().generation()).isEqualTo(2);
    }

    @Test
    void validationTellsTheHashAndChangesNothing() {
        String before = current.get().hash();
        Accepted would = accepted(push("{'type': 'webhooks', 'config': " + B + ", 'validate_only': true}"));

        assertThat(would.changed()).isTrue();
        assertThat(would.configuration().hash()).isNotEqualTo(before);
        assertThat(current.get().hash()).isEqualTo(before);
        restart();
        assertThat(current.get().hash()).isEqualTo(before);
        assertThat(accepted(pushWebhooks(B)).configuration().hash())
                .isEqualTo(would.configuration().hash());
    }

    @Test
    void whatCannotRunIsNeitherStoredNorRun() {
        Refused refused = refused(pushWebhooks("{'b': {'module': 'nope'}, 'c': {'modul': 'log'}}"));

        assertThat(refused.reason()).isEqualTo(Reason.INVALID);
        assertThat(refused.message()).isEqualTo("3 problems");
        assertThat(current.get().generation()).isEqualTo(1);
        assertThat(folder.resolve("config/gen-2.json")).doesNotExist();
    }

    @Test
    void aUsedConnectionCannotBeTakenAway() {
        accepted(push("{'type': 'bundle', 'config': {'webhooks': {'b': {'module': 'http_webhook', 'connection': 'p'}},"
                + " 'connections': {'p': {'type': 'http', 'base_url': 'https://example.com'}}}}"));

        Refused refused = refused(push("{'type': 'connections', 'config': {}}"));
        assertThat(refused.problems()).extracting(ConfigProblem::pointer).contains("/b/connection");
    }

    @Test
    void conditionsComparedWithWhatIsReplaced() {
        String webhooks = current.get().webhooksVersion();
        String connections = current.get().connectionsVersion();

        assertThat(refused(push("{'type': 'webhooks', 'config': " + B + ", 'if_hash': '" + connections + "'}"))
                        .reason())
                .isEqualTo(Reason.CONFLICT);
        assertThat(refused(push("{'type': 'webhooks', 'config': " + B + ", 'if_generation': 7}"))
                        .reason())
                .isEqualTo(Reason.CONFLICT);
        accepted(push("{'type': 'webhooks', 'config': " + B + ", 'if_hash': '" + webhooks + "', 'if_generation': 1}"));
        accepted(push("{'type': 'connections', 'config': {'x-a': 1}, 'if_hash': '" + connections + "'}"));
        accepted(push("{'type': 'bundle', 'config': {'webhooks': " + A + ", 'connections': {}}, 'if_hash': '"
                + current.get().hash() + "'}"));
        assertThat(current.get().generation()).isEqualTo(4);
    }

    @Test
    void restoreGoesBackUnderANewGeneration() {
        String first = current.get().hash();
        pushWebhooks(B);

        Accepted restored = accepted(writer.restore(first));

        assertThat(restored.changed()).isTrue();
        assertThat(current.get().hash()).isEqualTo(first);
        assertThat(current.get().generation()).isEqualTo(3);
        assertThat(accepted(writer.restore(first)).changed()).isFalse();
        assertThat(refused(writer.restore("0".repeat(64))).reason()).isEqualTo(Reason.UNKNOWN_HASH);
    }

    @Test
    void tenGenerationsAreKept() throws IOException {
        String first = current.get().hash();
        for (int i = 0; i < 12; i++) {
            accepted(pushWebhooks("{'w" + i + "': {'module': 'log'}}"));
        }

        try (var files = Files.list(folder.resolve("config"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(11)
                    .contains("current", "gen-13.json", "gen-4.json");
        }
        assertThat(refused(writer.restore(first)).reason()).isEqualTo(Reason.UNKNOWN_HASH);
    }

    @Test
    void aDamagedGenerationGivesWayToTheOneBefore() throws IOException {
        pushWebhooks(B);
        Path damaged = folder.resolve("config/gen-2.json");
        Files.writeString(damaged, Files.readString(damaged).replace("\"b\"", "\"z\""));

        restart();

        assertThat(current.get().webhooks()).containsOnlyKeys("a");
        assertThat(current.get().origin().source()).isEqualTo(Origin.Source.LAST_KNOWN_GOOD);
        assertThat(accepted(pushWebhooks(B)).configuration().generation())
                .as("a number is never used twice")
                .isEqualTo(3);
        restart();
        assertThat(current.get().origin().source()).isEqualTo(Origin.Source.PUSH);
    }

    @Test
    void aLostPointerIsMadeUpForByTheNewestGeneration() throws IOException {
        pushWebhooks(B);
        Files.writeString(folder.resolve("config/current"), "garbage");

        restart();

        assertThat(current.get().webhooks()).containsOnlyKeys("b");
        assertThat(current.get().origin().source()).isEqualTo(Origin.Source.LAST_KNOWN_GOOD);
    }

    @Test
    void aFirstStartThatWasCutOffIsBegunAgain() throws IOException {
        Files.delete(folder.resolve("config/current"));
        Files.writeString(folder.resolve("config/gen-1.json.tmp"), "{");

        restart();

        assertThat(current.get().generation()).isEqualTo(1);
        assertThat(current.get().origin().source()).isEqualTo(Origin.Source.SEED_FILES);
    }

    @Test
    void aGenerationThatWasNeverMadeCurrentDoesNotRun() throws IOException {
        pushWebhooks(B);
        Files.writeString(folder.resolve("config/current"), "1\n");

        restart();

        assertThat(current.get().webhooks()).containsOnlyKeys("a");
        assertThat(current.get().origin().source()).isEqualTo(Origin.Source.SEED_FILES);
        assertThat(accepted(pushWebhooks(B)).configuration().generation()).isEqualTo(3);
    }

    @Test
    void withEverythingDamagedTheSeedFilesAreAllThereIs() throws IOException {
        pushWebhooks(B);
        Files.writeString(folder.resolve("config/gen-1.json"), "");
        Files.writeString(folder.resolve("config/gen-2.json"), "");

        restart();

        assertThat(current.get().webhooks()).containsOnlyKeys("a");
        assertThat(current.get().generation()).isEqualTo(3);
        assertThat(current.get().origin().source()).isEqualTo(Origin.Source.LAST_KNOWN_GOOD);
    }

    @Test
    void withNothingThatCanRunItDoesNotStart() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Files.write(folder.resolve("webhooks.json"), Documents.bytes("{'a': {'module': 'x'}, 'b': {'module': 'y'}}"));
        StartingConfiguration starting = new StartingConfiguration(
                new GenerationStore(empty),
                Documents.reader(),
                new SeedFiles(folder.resolve("webhooks.json"), folder.resolve("none.json")),
                clock);

        InvalidConfigurationException failure =
                catchThrowableOfType(InvalidConfigurationException.class, starting::find);

        assertThat(failure.problems())
                .extracting(Documents::line)
                .containsExactly("webhooks/a/module unknown_module", "webhooks/b/module unknown_module");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void aPushIsNotRefusedBecauseAnOldGenerationCannotBeDeleted() throws IOException {
        Path stuck = folder.resolve("config/gen-1.json");
        Files.delete(stuck);
        Files.createDirectories(stuck.resolve("full"));

        for (int i = 0; i < 12; i++) {
            accepted(pushWebhooks("{'w" + i + "': {'module': 'log'}}"));
        }

        restart();
        assertThat(current.get().webhooks()).containsOnlyKeys("w11");
        assertThat(folder.resolve("config/gen-2.json")).doesNotExist();
    }

    @Test
    void aPushWhosePointerCannotBeWrittenNeverRuns() throws IOException {
        Path temporary = folder.resolve("config/current.tmp");
        Files.createDirectory(temporary);

        assertThat(refused(pushWebhooks(B)).reason()).isEqualTo(Reason.NOT_STORED);

        assertThat(folder.resolve("config/gen-2.json")).doesNotExist();
        Files.writeString(folder.resolve("config/current"), "lost");
        restart();
        assertThat(current.get().webhooks()).containsOnlyKeys("a");
    }

    @Test
    void aDiskThatFailsLeavesWhatRunsAlone() throws IOException {
        Path temporary = folder.resolve("config/gen-2.json.tmp");
        Files.createDirectory(temporary);

        assertThat(refused(pushWebhooks(B)).reason()).isEqualTo(Reason.NOT_STORED);
        assertThat(current.get().webhooks()).containsOnlyKeys("a");

        Files.delete(temporary);
        assertThat(accepted(pushWebhooks(B)).configuration().generation()).isEqualTo(3);
    }
}
