package io.sluice.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void choosePath() {
        path = folder.resolve("access.log");
    }

    private LogFile unlimited() throws IOException {
        return new LogFile(path, 0, 1);
    }

    private static void append(LogFile file, String line) throws IOException {
        file.append(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    private Path old(int number) {
        return folder.resolve("access.log." + number);
    }

    @Test
    void continuesAFileThatIsThere() throws IOException {
        Files.writeString(path, "before\n");
        try (LogFile file = unlimited()) {
            append(file, "after");
        }
        assertThat(path).hasContent("before\nafter");
    }

    @Test
    void aFileThatWasMovedAwayIsNotFollowed() throws IOException {
        try (LogFile file = unlimited()) {
            append(file, "one");
            Files.move(path, old(1));
            append(file, "two");
            Files.move(path, old(2));
            Files.createFile(path); // as logrotate does with "create"
            append(file, "three");
        }
        assertThat(old(1)).hasContent("one");
        assertThat(old(2)).hasContent("two");
        assertThat(path).hasContent("three");
    }

    @Test
    void aFileThatWasCutIsContinuedAtItsNewEnd() throws IOException {
        try (LogFile file = unlimited()) {
            append(file, "one");
            Files.writeString(path, ""); // as logrotate does with "copytruncate"
            append(file, "two");
        }
        assertThat(path).hasContent("two");
    }

    @Test
    void aFullFileIsPutAsideAndOnlySoManyAreKept() throws IOException {
        try (LogFile file = new LogFile(path, 12, 2)) {
            for (int i = 1; i <= 8; i++) {
                append(file, "line" + i); // two fit
            }
        }
        assertThat(path).hasContent("line7\nline8");
        assertThat(old(1)).hasContent("line5\nline6");
        assertThat(old(2)).hasContent("line3\nline4");
        assertThat(old(3)).doesNotExist();
    }

    @Test
    void whatIsLargerThanAFileGetsOneOfItsOwn() throws IOException {
        String large = "x".repeat(100);
        try (LogFile file = new LogFile(path, 12, 5)) {
            append(file, "small");
            append(file, large);
            append(file, "small");
        }
        assertThat(old(2)).hasContent("small");
        assertThat(old(1)).hasContent(large);
        assertThat(path).hasContent("small");
    }

    @Test
    void manyLinesAtOnceAreSpreadOverFilesSoThatNoneOutgrowsItsSize() throws IOException {
        String large = "x".repeat(20);
        try (LogFile file = new LogFile(path, 12, 9)) {
            append(file, "line0");
            append(file, "line1\nline2\nline3\n" + large + "\nline4");
        }
        assertThat(old(4)).hasContent("line0");
        assertThat(old(3)).hasContent("line1\nline2");
        assertThat(old(2)).hasContent("line3");
        assertThat(old(1)).hasContent(large);
        assertThat(path).hasContent("line4");
    }

    @Test
    void aFileThatCannotBeReplacedIsWrittenOn() throws IOException {
        try (LogFile file = new LogFile(path, 12, 1)) {
            append(file, "line1");
            append(file, "line2");
            Files.createDirectories(old(1).resolve("in the way"));
            append(file, "line3");
            assertThat(path).hasContent("line1\nline2\nline3");
        }
    }

    @Test
    void whoAsksForAFileThatCannotBeOpenedIsTold() throws IOException {
        try (LogFile file = unlimited()) {
            append(file, "one");
            Files.move(path, old(1));
            Files.createDirectory(path);
            assertThatThrownBy(file::reopen).isInstanceOf(IOException.class);
            append(file, "two");
        }
        assertThat(old(1)).hasContent("one\ntwo");
    }

    @Test
    void whateverHappensToTheFileEveryLineIsInOneOfThem() throws IOException {
        int lines = 1_000;
        try (LogFile file = new LogFile(path, 200, lines)) {
            for (int i = 0; i < lines; i++) {
                append(file, "line" + i);
                if (i % 7 == 0) {
                    Files.move(path, folder.resolve("moved" + i));
                }
                if (i % 11 == 0) {
                    file.reopen();
                }
            }
        }
        try (var files = Files.list(folder)) {
            assertThat(files.flatMap(LogFileTest::lines))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, lines).mapToObj(i -> "line" + i).toList());
        }
    }

    private static java.util.stream.Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
