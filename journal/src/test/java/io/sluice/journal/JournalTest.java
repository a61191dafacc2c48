package io.sluice.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.journal.JournalException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JournalTest {

    private static final JournalSettings SMALL_SEGMENTS = new JournalSettings(1024, 4096, 1 << 20, 4096);

    @TempDir
    Path directory;

    @Test
    void replaysWhatWasAppendedInOrder() {
        try (Journal journal = open(new Recording())) {
            assertThat(journal.append(bytes("a")).join()).isEqualTo(1);
            assertThat(journal.append(bytes("")).join()).isEqualTo(2);
            assertThat(journal.appendAll(List.of(bytes("c"), bytes("d"))).join())
                    .isEqualTo(4);
        }
        Recording recording = new Recording();
        try (Journal journal = open(recording)) {
            assertThat(recording.records).containsExactly(entry(1, "a"), entry(2, ""), entry(3, "c"), entry(4, "d"));
            assertThat(recording.gaps).isEmpty();
            assertThat(journal.recovery()).isEqualTo(new Recovery(-1, 4, 0, List.of()));
            assertThat(journal.append(bytes("e")).join()).isEqualTo(5);
        }
    }

    @Test
    void sequencesFollowTheOrderOfCallsAcrossSegments() {
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        try (Journal journal = open(SMALL_SEGMENTS, new Recording())) {
            for (int i = 0; i < 500; i++) {
                futures.add(journal.append(bytes("record " + (i + 1))));
            }
            for (int i = 0; i < 500; i++) {
                assertThat(futures.get(i).join()).isEqualTo(i + 1);
                assertThat(text(journal.read(i + 1))).isEqualTo("record " + (i + 1));
            }
        }
        assertThat(segments()).hasSizeGreaterThan(10).element(0).isEqualTo("0000000000000001.seg");
        Recording recording = new Recording();
        open(SMALL_SEGMENTS, recording).close();
        assertThat(recording.records).hasSize(500).containsEntry(500L, "record 500");
        assertThat(recording.gaps).isEmpty();
    }

    @Test
    void aRecordMayBeLargerThanASegmentAndThanTheWriteBuffer() {
        JournalSettings settings = new JournalSettings(1024, 1 << 20, 16 << 20, 0);
        String large = "x".repeat(700_000);
        try (Journal journal = open(settings, new Recording())) {
            journal.appendAll(List.of(bytes("before"), bytes(large), bytes("after")))
                    .join();
            journal.append(bytes(large)).join();
            assertThat(text(journal.read(2))).isEqualTo(large);
        }
        Recording recording = new Recording();
        open(settings, recording).close();
        assertThat(recording.records)
                .containsExactly(entry(1, "before"), entry(2, large), entry(3, "after"), entry(4, large));
    }

    @Test
    void aSnapshotReplacesEverythingBeforeIt() {
        try (Journal journal = open(SMALL_SEGMENTS, new Recording())) {
            appendUpTo(journal, 100);
            journal.snapshot(bytes("state at 100")).join();
            assertThat(segments()).isEmpty();
            assertThat(journal.status().firstSequence()).isEqualTo(101);
            assertThat(journal.append(bytes("after")).join()).isEqualTo(101);
            assertGone(journal, 100);
            assertThat(text(journal.read(101))).isEqualTo("after");
        }
        Recording recording = new Recording();
        try (Journal journal = open(SMALL_SEGMENTS, recording)) {
            assertThat(recording.snapshotSequence).isEqualTo(100);
            assertThat(recording.snapshot).isEqualTo("state at 100");
            assertThat(recording.records).containsExactly(entry(101, "after"));
            journal.snapshot(bytes("state at 101")).join();
            journal.snapshot(bytes("state at 101, again")).join();
        }
        assertThat(names()).containsExactly("0000000000000101.snap", "lock");
        Recording again = new Recording();
        try (Journal journal = open(SMALL_SEGMENTS, again)) {
            assertThat(again.snapshot).isEqualTo("state at 101, again");
            assertThat(journal.append(bytes("next")).join()).isEqualTo(102);
        }
    }

    @Test
    void discardingDeletesOnlySegmentsThatAreWhollyBelow() {
        try (Journal journal = open(SMALL_SEGMENTS, new Recording())) {
            appendUpTo(journal, 200);
            int before = segments().size();
            journal.discardBefore(100).join();
            assertThat(segments()).hasSizeLessThan(before);
            long first = journal.status().firstSequence();
            assertThat(first).isGreaterThan(1).isLessThanOrEqualTo(100);
            assertThat(text(journal.read(first))).isEqualTo("record " + first);
            assertThat(text(journal.read(100))).isEqualTo("record 100");
            assertGone(journal, first - 1);
            assertGone(journal, 201);
        }
        Recording recording = new Recording();
        open(SMALL_SEGMENTS, recording).close();
        assertThat(recording.gaps).isEmpty();
        assertThat(recording.records).containsKey(100L).containsKey(200L).doesNotContainKey(1L);
    }

    @Test
    void sequencesGoOnAfterEverythingWasDiscarded() {
        try (Journal journal = open(SMALL_SEGMENTS, new Recording())) {
            appendUpTo(journal, 40);
            journal.append(new byte[600]).join();
            journal.discardBefore(Long.MAX_VALUE).join();
            assertThat(segments()).hasSize(1);
            assertThat(journal.status().firstSequence()).isEqualTo(42);
        }
        Recording recording = new Recording();
        try (Journal journal = open(SMALL_SEGMENTS, recording)) {
            assertThat(recording.records).isEmpty();
            assertThat(recording.gaps).isEmpty();
            assertThat(journal.append(bytes("next")).join()).isEqualTo(42);
        }
    }

    @Test
    void refusesWhatIsTooLarge() {
        try (Journal journal = open(SMALL_SEGMENTS, new Recording())) {
            assertFails(journal.append(new byte[4097]), Kind.TOO_LARGE);
            assertFails(journal.appendAll(List.of(new byte[1], new byte[4097])), Kind.TOO_LARGE);
            assertThat(journal.append(new byte[4096]).join()).isEqualTo(1);
            assertThatThrownBy(() -> journal.appendAll(List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void keepsTheReserveForThoseWhoMayUseIt() {
        JournalSettings settings = new JournalSettings(1024, 4096, 6000, 2000);
        try (Journal journal = open(settings, new Recording())) {
            CompletableFuture<Long> last = journal.append(new byte[500]);
            while (!last.isCompletedExceptionally()) {
                last = journal.append(new byte[500]);
                last.handle((sequence, failure) -> sequence).join();
            }
            assertFails(last, Kind.FULL);
            long full = journal.status().bytes();
            assertThat(full).isBetween(3000L, 4000L);
            journal.appendReserved(new byte[500]).join();
            journal.discardBefore(5).join();
            assertThat(journal.status().bytes()).isLessThan(full);
            journal.append(new byte[500]).join();
            assertThat(journal.status().bytes()).isLessThanOrEqualTo(4000);
            while (!journal.appendReserved(new byte[500])
                    .handle((sequence, failure) -> failure != null)
                    .join()) {
                assertThat(journal.status().bytes()).isLessThanOrEqualTo(6000);
            }
        }
    }

    @Test
    void aFullJournalOfOneSegmentCanBeEmptied() {
        JournalSettings settings = new JournalSettings(1 << 20, 4096, 6000, 2000);
        try (Journal journal = open(settings, new Recording())) {
            for (int i = 0; i < 7; i++) {
                journal.append(new byte[500]).join();
            }
            assertFails(journal.append(new byte[500]), Kind.FULL);
            journal.discardBefore(8).join();
            assertThat(journal.append(new byte[500]).join()).isEqualTo(8);
        }
    }

    @Test
    void onlyOneJournalMayHoldAFolder() {
        Journal first = open(new Recording());
        assertThatThrownBy(() -> open(new Recording()))
                .isInstanceOfSatisfying(
                        JournalException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOCKED))
                .hasMessageContaining(directory.getFileName().toString());
        first.append(bytes("still works")).join();
        first.close();
        open(new Recording()).close();
    }

    @Test
    void closingFinishesWhatWasAskedAndRefusesTheRest() {
        Journal journal = open(new Recording());
        List<CompletableFuture<Long>> before = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            before.add(journal.append(bytes("x")));
        }
        journal.close();
        journal.close();
        assertThat(before).allMatch(CompletableFuture::isDone).noneMatch(CompletableFuture::isCompletedExceptionally);
        assertFails(journal.append(bytes("late")), Kind.CLOSED);
        assertFails(journal.snapshot(bytes("late")), Kind.CLOSED);
        assertThat(journal.status().writable()).isFalse();
        assertThat(journal.status().lastSequence()).isEqualTo(100);
    }

    @Test
    void canBeClosedFromACallback() throws Exception {
        Journal journal = open(new Recording());
        journal.append(bytes("a")).thenRun(journal::close).get(10, TimeUnit.SECONDS);
        journal.close();
        open(new Recording()).close();
    }

    @Test
    void aCallbackThatThrowsOrInterruptsDoesNoHarm() {
        try (Journal journal = open(new Recording())) {
            var interrupting = journal.append(bytes("a"))
                    .thenRun(() -> Thread.currentThread().interrupt());
            var throwing = journal.append(bytes("b")).thenRun(() -> {
                throw new IllegalStateException("a caller's bug");
            });
            journal.append(bytes("c")).join();
            assertThat(interrupting).isCompleted();
            assertThat(throwing).isCompletedExceptionally();
            assertThat(journal.append(bytes("d")).join()).isEqualTo(4);
        }
    }

    @Test
    void statusTellsWhatIsThere() {
        try (Journal journal = open(new Recording())) {
            assertThat(journal.status()).isEqualTo(new JournalStatus(true, null, 1, 0, 0));
            journal.append(new byte[100]).join();
            assertThat(journal.status()).isEqualTo(new JournalStatus(true, null, 1, 1, 64 + 24 + 100));
        }
    }

    @Test
    void anExceptionWhileReplayingLeavesTheJournalUsable() {
        try (Journal journal = open(new Recording())) {
            journal.append(bytes("a")).join();
        }
        Recording recording = new Recording();
        recording.records.put(7L, "so that a record out of order is refused");
        assertThatThrownBy(() -> open(recording)).isInstanceOf(IllegalStateException.class);
        open(new Recording()).close();
    }

    @Test
    void refusesImpossibleSettings() {
        assertThatThrownBy(() -> new JournalSettings(1023, 1, 1, 0))
                .hasMessage("segment-bytes: 1023 (expected: 1 KiB to 1 GiB)");
        assertThatThrownBy(() -> new JournalSettings(1024, 0, 1, 0)).hasMessageContaining("max-record-bytes");
        assertThatThrownBy(() -> new JournalSettings(1024, 1, 5, 5)).hasMessageContaining("max-bytes");
        assertThatThrownBy(() -> new JournalSettings(1024, 1, 5, -1)).hasMessageContaining("reserve-bytes");
    }

    private Journal open(Replay replay) {
        return open(JournalSettings.defaults(), replay);
    }

    private Journal open(JournalSettings settings, Replay replay) {
        return Journal.open(directory, settings, replay);
    }

    private List<String> segments() {
        return names().stream().filter(name -> name.endsWith(".seg")).toList();
    }

    private List<String> names() {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void appendUpTo(Journal journal, int last) {
        CompletableFuture<Long> appended = CompletableFuture.completedFuture(0L);
        for (int i = 1; i <= last; i++) {
            appended = journal.append(bytes("record " + i));
        }
        assertThat(appended.join()).isEqualTo(last);
    }

    private static void assertGone(Journal journal, long sequence) {
        assertThatThrownBy(() -> journal.read(sequence))
                .isInstanceOfSatisfying(
                        JournalException.class, e -> assertThat(e.kind()).isEqualTo(Kind.GONE));
    }

    static void assertFails(CompletableFuture<?> future, Kind kind) {
        assertThatThrownBy(future::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        JournalException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static java.util.Map.Entry<Long, String> entry(long sequence, String text) {
        return java.util.Map.entry(sequence, text);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
