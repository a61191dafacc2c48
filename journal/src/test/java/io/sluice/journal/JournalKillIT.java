package io.sluice.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process is killed with SIGKILL while it appends; what it had said to be durable has to be there. This proves recovery after a kill;
 * that nothing is acknowledged before its force is proved by {@link FaultTest} and {@link CrashTest}, since the page cache survives a kill.
 */
class JournalKillIT {

    static final JournalSettings SETTINGS = new JournalSettings(256 << 10, 4096, 1L << 30, 4096);

    private static final int ROUNDS = 10;

    @TempDir
    Path directory;

    @Test
    @Timeout(180)
    void everyRecordThatWasAcknowledgedSurvivesKilling() throws Exception {
        Random random = new Random();
        Map<Long, String> acknowledged = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            int before = acknowledged.size();
            runAndKill(round, 1 + random.nextInt(3000), acknowledged);
            assertThat(acknowledged).hasSizeGreaterThan(before);
            Recording recording = new Recording();
            try (Journal journal = Journal.open(directory, SETTINGS, recording)) {
                assertThat(recording.gaps).isEmpty();
                assertThat(recording.records).containsAllEntriesOf(acknowledged);
                assertThat(recording.records.lastKey()).isEqualTo((long) recording.records.size());
                assertThat(journal.recovery().records()).isEqualTo(recording.records.size());
                assertGroupsAreWhole(recording);
            }
            acknowledged.putAll(recording.records);
        }
    }

    private void runAndKill(int round, int lines, Map<Long, String> acknowledged)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AppendingProcess.class.getName(),
                        directory.toString(),
                        String.valueOf(round))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = readWholeLine(output);
            for (int read = 0; line != null; read++) {
                int space = line.indexOf(' ');
                acknowledged.put(Long.parseLong(line.substring(0, space)), line.substring(space + 1));
                if (read == lines) {
                    // Not Process.destroyForcibly(): that closes the pipe, and with it what was acknowledged before.
                    process.toHandle().destroyForcibly();
                }
                line = readWholeLine(output);
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The next line if it ended in a line feed: the kill may cut the last one short. */
    private static @Nullable String readWholeLine(BufferedReader output) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = output.read();
        while (next != '\n') {
            if (next < 0) {
                return null;
            }
            line.append((char) next);
            next = output.read();
        }
        return line.toString();
    }

    private static void assertGroupsAreWhole(Recording recording) {
        Map<String, Integer> members = new HashMap<>();
        for (String text : recording.records.values()) {
            if (text.matches(".* [abc]")) {
                members.merge(text.substring(0, text.length() - 2), 1, Integer::sum);
            }
        }
        assertThat(members.values()).isNotEmpty().containsOnly(3);
    }
}
