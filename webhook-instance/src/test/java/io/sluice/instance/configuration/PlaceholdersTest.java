package io.sluice.instance.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PlaceholdersTest {
    private static final int MOST = 64 * 1024;

    @TempDir
    private Path folder;

    private final Placeholders placeholders = new Placeholders(Map.of());

    private String read(Path file) throws Placeholders.UnresolvedException {
        return placeholders.resolve("{$file:" + file + "}");
    }

    @Test
    void aFileCountsWithoutItsLastLineBreak() throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), "s3cr\u00e9t\n");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        assertThat(read(link)).isEqualTo("s3cr\u00e9t");
    }

    @Test
    void aFileMayHave64KiBAndNoMore() throws Exception {
        Path file = Files.writeString(folder.resolve("large"), "x".repeat(MOST));
        assertThat(read(file)).hasSize(MOST);

        Files.writeString(file, "x".repeat(MOST + 1));
        assertThatThrownBy(() -> read(file)).hasMessageContaining("is longer than");
    }

    @Test
    @Timeout(20)
    void whatIsNoRegularFileIsNotRead() throws IOException {
        assertThatThrownBy(() -> read(folder)).hasMessageContaining("is not a regular file");
        assertThatThrownBy(() -> read(Path.of("/dev/zero"))).hasMessageContaining("is not a regular file");
        assertThatThrownBy(() -> read(folder.resolve("none"))).hasMessageContaining("cannot be read");
    }
}
