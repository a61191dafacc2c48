package io.sluice.service.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {
    private enum Mode {
        LEAST_CONNECTIONS,
        ROUND_ROBIN
    }

    @Test
    void readsEveryKindOfValue() {
        SettingsDocument document = parse("""
                name: front
                port: 80
                rate: 0.5
                timeout: 30s
                limit: 1MiB
                bytes: 512
                strict: true
                mode: round-robin
                names: [a, b]
                """);
        SettingsReader root = document.root();

        assertThat(root.text("name", "x")).isEqualTo("front");
        assertThat(root.integer("port", 1, 0, 65_535)).isEqualTo(80);
        assertThat(root.number("rate", 1, 0, 1)).isEqualTo(0.5);
        assertThat(root.duration("timeout", Duration.ZERO, Duration.ZERO)).isEqualTo(Duration.ofSeconds(30));
        assertThat(root.bytes("limit", 0, 0)).isEqualTo(1 << 20);
        assertThat(root.bytes("bytes", 0, 0)).isEqualTo(512);
        assertThat(root.flag("strict", false)).isTrue();
        assertThat(root.choice("mode", Mode.class, Mode.LEAST_CONNECTIONS)).isEqualTo(Mode.ROUND_ROBIN);
        assertThat(root.texts("names")).containsExactly("a", "b");
        document.finish();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing but a comment\n", "section:\n", "{}"})
    void missingValuesAreDefaults(String text) {
        SettingsDocument document = parse(text);
        SettingsReader section = document.root().section("section");

        assertThat(section.text("name", "x")).isEqualTo("x");
        assertThat(section.optionalDuration("timeout", Duration.ZERO)).isEmpty();
        assertThat(section.texts("names")).isEmpty();
        assertThat(section.items("list")).isEmpty();
        assertThat(section.entries("map")).isEmpty();
        document.finish();
    }

    @Test
    void reportsEveryProblemAtOnceWithFileLineKeyValueAndExpectation() {
        SettingsDocument document = parse("""
                listener:
                  port: 70000
                  prot: 80
                timeout: -1s
                limit: lots
                mode: fastest
                strict: "yes"
                names: a
                name: 7
                """);
        SettingsReader root = document.root();
        root.section("listener").integer("port", 80, 0, 65_535);
        root.duration("timeout", Duration.ZERO, Duration.ZERO);
        root.bytes("limit", 1, 0);
        root.choice("mode", Mode.class, Mode.ROUND_ROBIN);
        root.flag("strict", true);
        root.texts("names");
        root.text("name", "");
        root.requiredText("pool");

        assertThat(problems(document))
                .extracting(SettingProblem::message)
                .containsExactlyInAnyOrder(
                        "test.yaml:2: listener.port: 70000 (expected: 0..65535)",
                        "test.yaml:3: listener.prot (expected: one of port; did you mean port?)",
                        "test.yaml:4: timeout: -1s (expected: >= 0s)",
                        "test.yaml:5: limit: lots (expected: a size such as 512, 64KiB, 1MiB or 10MB)",
                        "test.yaml:6: mode: fastest (expected: least-connections | round-robin)",
                        "test.yaml:7: strict: yes (expected: true or false)",
                        "test.yaml:8: names: a (expected: a list)",
                        "test.yaml:9: name: 7 (expected: text (in quotes))",
                        "test.yaml: pool (expected: a text: this key is required)");
    }

    @Test
    void duplicateKeysAreProblemsInsteadOfSilentlyWinning() {
        SettingsDocument document = parse("port: 1\nother: 2\nport: 3\n");
        document.root().integer("port", 0, 0, 9);
        document.root().integer("other", 0, 0, 9);

        assertThat(problems(document))
                .extracting(SettingProblem::message)
                .containsExactly("test.yaml:3: port (expected: each key once: it is also at test.yaml:1)");
    }

    @Test
    void aSecondDocumentAndAliasesAreProblems() {
        SettingsDocument document = parse("a: &x {port: 1}\nb: *x\n---\nport: 3\n");
        document.root().section("a").integer("port", 0, 0, 9);
        document.root().section("b").integer("port", 0, 0, 9);

        assertThat(problems(document))
                .extracting(SettingProblem::expectation)
                .containsExactlyInAnyOrder("the value itself: aliases are not supported", "one document per file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: [1, 2", "a: b: c", "\ta: 1", "{\"a\": ", "%"})
    void textThatIsNoYamlIsRefusedAtOnce(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("YAML or JSON");
    }

    @Test
    void jsonIsReadToo() {
        SettingsDocument document = parse("{\"listener\": {\"port\": 81}}");

        assertThat(document.root().section("listener").integer("port", 80, 0, 65_535))
                .isEqualTo(81);
        document.finish();
    }

    @Test
    void aScalarWhereASectionBelongsIsAProblem() {
        SettingsDocument document = parse("listener: 80\n");
        assertThat(document.root().section("listener").integer("port", 80, 0, 65_535))
                .isEqualTo(80);

        assertThat(problems(document))
                .extracting(SettingProblem::message)
                .containsExactly("test.yaml:1: listener: 80 (expected: a section with keys)");
    }

    @Test
    void environmentOverridesTheFileAndIsCheckedTheSameWay() {
        Map<String, String> environment = Map.of(
                "PREFIX_LISTENER_PORT", "8080",
                "PREFIX_TIMEOUT", "soon",
                "PREFIX_STRICT", "false",
                "PREFIX_NAMES", "a, b",
                "PREFIX_MISSING_KEY", "here");
        SettingsDocument document =
                SettingsDocument.parse("test.yaml", "listener: {port: 80}\nstrict: true\n", environment, "PREFIX");
        SettingsReader root = document.root();

        assertThat(root.section("listener").integer("port", 1, 0, 65_535)).isEqualTo(8080);
        assertThat(root.flag("strict", true)).isFalse();
        assertThat(root.texts("names")).containsExactly("a", "b");
        assertThat(root.section("missing").text("key", "")).isEqualTo("here");
        root.duration("timeout", Duration.ZERO, Duration.ZERO);
        assertThat(problems(document))
                .extracting(SettingProblem::message)
                .containsExactly("$PREFIX_TIMEOUT: timeout: soon (expected: " + DurationFormat.EXPECTATION + ")");
    }

    @Test
    void itemsAndEntriesKeepTheOrderOfTheFile() {
        SettingsDocument document = parse("pools:\n  b: {size: 1}\n  a: {size: 2}\nlist: [{size: 3}, {sise: 4}]\n");
        SettingsReader root = document.root();

        assertThat(root.entries("pools").keySet()).containsExactly("b", "a");
        root.entries("pools").values().forEach(r -> r.integer("size", 0, 0, 9));
        root.items("list").forEach(r -> r.integer("size", 0, 0, 9));
        assertThat(problems(document))
                .extracting(SettingProblem::key, SettingProblem::hint)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("list[1].sise", "size"));
    }

    @Test
    void secretsComeFromEnvironmentFileOrSettingsInThisOrder(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "from-file\n");
        Path settings = Files.writeString(folder.resolve("s.yaml"), "token-file: token\n");

        assertThat(secret(SettingsDocument.read(settings, Map.of("TOKEN", "from-env"), "P")))
                .isEqualTo("from-env");
        assertThat(secret(SettingsDocument.read(settings, Map.of("TOKEN_FILE", file.toString()), "P")))
                .isEqualTo("from-file");
        assertThat(secret(SettingsDocument.read(settings, Map.of("TOKEN", ""), "P")))
                .isEqualTo("from-file");
        assertThat(secret(SettingsDocument.parse("x", "token: inline", Map.of(), "P")))
                .isEqualTo("inline");
        assertThat(SettingsDocument.empty("x", Map.of(), "P").root().secret("token", "TOKEN"))
                .isEmpty();
    }

    @Test
    void badSecretsAreProblemsThatNeverShowThem(@TempDir Path folder) throws IOException {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        Map<String, String> environment = Map.of(
                "A", "hush hush", "B", "hush", "B_FILE", "/hush", "C_FILE", empty.toString(), "D_FILE", "/nowhere");
        SettingsDocument document = SettingsDocument.parse("test.yaml", "e: hush\ne-file: x\n", environment, "PREFIX");
        for (String name : List.of("A", "B", "C", "D", "E")) {
            assertThat(document.root().secret(name.toLowerCase(Locale.ROOT), name))
                    .isEmpty();
        }

        assertThat(problems(document)).hasSize(5).allSatisfy(problem -> {
            assertThat(problem.value()).isNull();
            assertThat(problem.message()).doesNotContain("hush");
        });
    }

    @Test
    void aMissingFileIsOneProblem(@TempDir Path folder) {
        Path file = folder.resolve("nothing.yaml");
        InvalidSettingsException refusal =
                catchThrowableOfType(InvalidSettingsException.class, () -> SettingsDocument.read(file, Map.of(), "P"));

        assertThat(refusal.problems())
                .containsExactly(new SettingProblem(file.toString(), "", null, "an existing file", null));
    }

    @Test
    void theTableHasARowForEachProblem() {
        SettingsDocument document = parse("port: 70000\nprot: 1\n");
        document.root().integer("port", 0, 0, 65_535);
        InvalidSettingsException refusal = catchThrowableOfType(InvalidSettingsException.class, document::finish);

        assertThat(refusal.table().lines())
                .containsExactly(
                        "WHERE        KEY   VALUE  EXPECTED",
                        "test.yaml:1  port  70000  0..65535",
                        "test.yaml:2  prot  -      one of port; did you mean port?");
    }

    private static String secret(SettingsDocument document) {
        Secret secret = document.root().secret("token", "TOKEN").orElseThrow();
        document.finish();
        return secret.reveal();
    }

    private static SettingsDocument parse(String text) {
        return SettingsDocument.parse("test.yaml", text, Map.of(), "PREFIX");
    }

    private static List<SettingProblem> problems(SettingsDocument document) {
        return catchThrowableOfType(InvalidSettingsException.class, document::finish)
                .problems();
    }
}
