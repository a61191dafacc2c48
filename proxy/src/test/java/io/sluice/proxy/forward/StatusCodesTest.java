package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The page for operators and the code say the same. */
class StatusCodesTest {
    @Test
    void thePageHasOneRowForEachFailure() throws IOException {
        assertThat(rowsOfThePage())
                .containsExactlyElementsOf(Arrays.stream(Failure.values())
                        .map(StatusCodesTest::row)
                        .toList());
    }

    private static List<String> rowsOfThePage() throws IOException {
        try (var lines = Files.lines(Path.of("..", "docs", "status-codes.md"))) {
            return lines.filter(line -> line.startsWith("| `"))
                    .map(line -> line.substring(0, line.lastIndexOf('|', line.length() - 2) + 1))
                    .toList();
        }
    }

    private static String row(Failure failure) {
        boolean logOnly = List.of(Failure.CLIENT_GONE, Failure.RESPONSE_CUT, Failure.RESPONSE_TIMEOUT)
                .contains(failure);
        String status = logOnly ? "(" + failure.status() + ")" : String.valueOf(failure.status());
        String retry = switch (failure.retryable()) {
            case NEVER -> "never";
            case IF_NOT_SENT -> "always";
            case IF_REPEATABLE -> "if repeatable";
            case ONCE_IF_REPEATABLE -> "once if repeatable";
        };
        String source = failure.source().name().toLowerCase(Locale.ROOT);
        String blames = failure.countsAgainstBackend() ? "yes" : "no";
        return "| `" + failure.label() + "` | " + source + " | " + status + " | " + retry + " | " + blames + " |";
    }
}
