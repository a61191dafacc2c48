package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartCommandTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private Optional<Integer> run(List<String> arguments) {
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Console console = new Console(stream, stream, false);
        return PartCommand.runPlain(new CommandContext(console, Map.of(), folder, System::nanoTime), arguments);
    }

    @Test
    void aPartWithItsFileRunsPlainly() {
        String missing = folder.resolve("missing.yaml").toString();
        assertThat(run(List.of("proxy", "--take-over", missing))).hasValue(ExitCode.USAGE);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("missing.yaml");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "status",
                "proxy --help",
                "proxy one two",
                "proxy --no-such-option",
                "proxy @arguments",
                "rollout-engine --take-over"
            })
    void everythingElseIsLeftToTheLibrary(String line) {
        List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" ", -1));
        assertThat(run(arguments)).isEmpty();
    }
}
