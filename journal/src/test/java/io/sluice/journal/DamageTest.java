package io.sluice.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes that were durable once and are wrong now. */
@Timeout(120)
class DamageTest {

    private static final JournalSettings SETTINGS = new JournalSettings(1024, 4096, 1 << 20, 4096);
    private static final int RECORDS = 40;

    private final MemoryFolder written = new MemoryFolder();
    private final NavigableMap<Long, String> all = new TreeMap<>();

    @BeforeEach
    void writeThreeSegments() {
        try (Journal journal = Recording.open(written, SETTINGS, new Recording())) {
            while (all.size() < RECORDS) {
                String text = "record " + (all.size() + 1) + " ".repeat(20);
                all.put(journal.append(text.getBytes(UTF_8)).join(), text);
            }
        }
        assertThat(written.names()).hasSize(3);
    }

    @Test
    void anyFlippedBitCostsAtMostTheRecordThatItHits() {
        for (String name : written.names()) {
            byte[] bytes = written.bytes(name);
            for (int at = 0; at < bytes.length; at++) {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << (at % 8));
                MemoryFolder folder = copy();
                folder.put(name, flipped);
                assertAtMostOneRecordIsLost(folder, name, at);
            }
        }
    }

    private void assertAtMostOneRecordIsLost(MemoryFolder folder, String name, int at) {
        Recording recording = new Recording();
        try (Journal journal = Recording.open(folder, SETTINGS, recording)) {
            Set<Long> lost = new HashSet<>(all.keySet());
            lost.removeAll(recording.records.keySet());
            assertThat(all).as("flipped %s[%d]", name, at).containsAllEntriesOf(recording.records);
            if (at < SegmentHeader.BYTES) {
                assertThat(lost).as("flipped %s[%d]", name, at).isEmpty();
                assertThat(recording.gaps).isEmpty();
            } else {
                assertThat(lost).as("flipped %s[%d]", name, at).hasSize(1);
                boolean isLast = lost.contains((long) RECORDS);
                assertThat(recording.gaps).hasSize(isLast ? 0 : 1);
                assertThat(journal.recovery().truncatedBytes()).isEqualTo(isLast ? frameBytes(40) : 0);
                assertThat(journal.status().lastSequence()).isEqualTo(isLast ? RECORDS - 1 : RECORDS);
            }
        }
    }

    @Test
    void theGapTellsWhereTheDamageIsAndIsReportedAtEveryOpen() {
        String name = written.names().get(1);
        int first = firstFrame();
        flip(name, first + 30);
        Recording recording = Recording.of(written);
        assertThat(recording.gaps).hasSize(1).first().satisfies(gap -> {
            assertThat(gap.segment()).isEqualTo(name);
            assertThat(gap.offset()).isEqualTo(first);
            assertThat(gap.bytes()).isEqualTo(frameBytes(20));
        });
        assertThat(Recording.of(written).gaps).isEqualTo(recording.gaps);
        assertThat(written.bytes(name)).as("the damaged file stays as it is").hasSizeGreaterThan(900);
    }

    @Test
    void aDamagedSegmentIsKeptUnderAnotherNameWhenItIsRetired() {
        String name = written.names().get(1);
        flip(name, 100);
        byte[] damaged = written.bytes(name);
        try (Journal journal = Recording.open(written, SETTINGS, new Recording())) {
            journal.discardBefore(RECORDS).join();
            assertThat(written.names()).contains(name + ".damaged").doesNotContain(name);
        }
        assertThat(written.bytes(name + ".damaged")).isEqualTo(damaged);
        assertThat(Recording.of(written).gaps).isEmpty();
    }

    @Test
    void damageInTheLastSegmentBeforeValidRecordsIsAGapAndNotATornTail() {
        String last = written.names().get(2);
        byte[] bytes = written.bytes(last);
        flip(last, firstFrame() + 4);
        Recording recording = new Recording();
        try (Journal journal = Recording.open(written, SETTINGS, recording)) {
            assertThat(recording.gaps).hasSize(1);
            assertThat(recording.records).hasSize(RECORDS - 1).containsKey((long) RECORDS);
            assertThat(journal.recovery().truncatedBytes()).isZero();
            assertThat(journal.append(new byte[1]).join()).isEqualTo(RECORDS + 1);
        }
        assertThat(written.bytes(last))
                .as("nothing is cut off, nothing is appended")
                .hasSameSizeAs(bytes);
        assertThat(written.names()).hasSize(4);
    }

    @Test
    void aZeroedPageLosesOnlyWhatItHeld() {
        String name = written.names().get(1);
        byte[] bytes = written.bytes(name);
        Arrays.fill(bytes, 300, 600, (byte) 0);
        written.put(name, bytes);
        Recording recording = Recording.of(written);
        assertThat(recording.gaps).hasSize(1);
        assertThat(recording.records).hasSizeBetween(RECORDS - 8, RECORDS - 6);
        assertThat(all).containsAllEntriesOf(recording.records);
    }

    @Test
    void aGroupWithADamagedMemberIsReportedAsAWhole() {
        MemoryFolder folder = new MemoryFolder();
        try (Journal journal = Recording.open(folder, SETTINGS, new Recording())) {
            journal.append("a".getBytes(UTF_8)).join();
            journal.appendAll(List.of("b".getBytes(UTF_8), "c".getBytes(UTF_8), "d".getBytes(UTF_8)))
                    .join();
            journal.append("e".getBytes(UTF_8)).join();
        }
        String name = folder.names().get(0);
        byte[] bytes = folder.bytes(name);
        for (int at = SegmentHeader.BYTES + 25; at < SegmentHeader.BYTES + 100; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 1;
            MemoryFolder damaged = new MemoryFolder();
            damaged.put(name, flipped);
            Recording recording = Recording.of(damaged);
            assertThat(recording.records).containsOnlyKeys(1L, 5L);
            assertThat(recording.gaps).containsExactly(new Gap(name, 64 + 25, 75, "no valid frame"));
        }
    }

    @Test
    void aSegmentWithoutAReadableHeaderIsOneGap() {
        for (int which = 0; which < 3; which++) {
            MemoryFolder folder = copy();
            String name = folder.names().get(which);
            byte[] bytes = folder.bytes(name);
            Arrays.fill(bytes, 0, SegmentHeader.BYTES, (byte) 0);
            folder.put(name, bytes);
            Recording recording = new Recording();
            try (Journal journal = Recording.open(folder, SETTINGS, recording)) {
                assertThat(recording.gaps)
                        .hasSize(1)
                        .first()
                        .satisfies(gap -> assertThat(gap.bytes()).isEqualTo(bytes.length));
                assertThat(all).containsAllEntriesOf(recording.records);
                assertThat(recording.records).hasSizeGreaterThan(20);
                assertThat(journal.append(new byte[1]).join()).isGreaterThan(RECORDS);
            }
            assertThat(Recording.of(folder).gaps).isEqualTo(recording.gaps);
            assertThat(folder.bytes(name)).isEqualTo(bytes);
        }
    }

    @Test
    void aLostSegmentIsReported() {
        for (int which = 0; which < 2; which++) {
            MemoryFolder folder = copy();
            folder.remove(folder.names().get(which));
            Recording recording = Recording.of(folder);
            assertThat(recording.gaps).hasSize(1).first().satisfies(gap -> {
                assertThat(gap.bytes()).isZero();
                assertThat(gap.reason()).contains("missing");
            });
        }
    }

    @Test
    void aSegmentLostAfterADiscardIsReportedToo() {
        try (Journal journal = Recording.open(written, SETTINGS, new Recording())) {
            journal.discardBefore(25).join();
        }
        assertThat(Recording.of(written).gaps).isEmpty();
        written.remove(written.names().get(0));
        assertThat(Recording.of(written).gaps).hasSize(1);
    }

    @Test
    void aDamagedSnapshotIsReportedAndTheRecordsAfterItAreKept() {
        try (Journal journal = Recording.open(written, SETTINGS, new Recording())) {
            journal.snapshot("the state".getBytes(UTF_8)).join();
            journal.append("after".getBytes(UTF_8)).join();
        }
        String name = "0000000000000040.snap";
        byte[] bytes = written.bytes(name);
        for (int at = 0; at < bytes.length; at++) {
            MemoryFolder folder = copy();
            byte[] flipped = bytes.clone();
            flipped[at] ^= 4;
            folder.put(name, flipped);
            Recording recording = new Recording();
            try (Journal journal = Recording.open(folder, SETTINGS, recording)) {
                assertThat(recording.snapshot).isNull();
                assertThat(recording.gaps).extracting(Gap::segment).contains(name);
                assertThat(recording.records).containsOnlyKeys(41L);
                journal.snapshot("anew".getBytes(UTF_8)).join();
            }
            assertThat(folder.names()).contains(name + ".damaged");
            assertThat(folder.bytes(name + ".damaged")).isEqualTo(flipped);
            assertThat(Recording.of(folder).gaps).isEmpty();
        }
    }

    @Test
    void aDamagedSnapshotIsNotOverwrittenByTheNextOneOfTheSameMoment() {
        try (Journal journal = Recording.open(written, SETTINGS, new Recording())) {
            journal.snapshot("the state".getBytes(UTF_8)).join();
        }
        flip("0000000000000040.snap", 30);
        try (Journal journal = Recording.open(written, SETTINGS, new Recording())) {
            journal.snapshot("anew".getBytes(UTF_8)).join();
        }
        assertThat(written.names()).containsExactly("0000000000000040.snap.damaged", "0000000000000041.snap");
    }

    @Test
    void aRecordDamagedAfterOpeningIsNotReadAsGood() {
        try (Journal journal = Recording.open(written, SETTINGS, new Recording())) {
            assertThat(new String(journal.read(1), UTF_8)).isEqualTo(all.get(1L));
            flip(written.names().get(0), SegmentHeader.BYTES + 30);
            assertThatThrownBy(() -> journal.read(1))
                    .isInstanceOfSatisfying(
                            JournalException.class, e -> assertThat(e.kind()).isEqualTo(JournalException.Kind.IO));
        }
    }

    @Test
    void aPayloadThatLooksLikeFramesIsNeverTakenForOne() {
        MemoryFolder folder = new MemoryFolder();
        byte[] inner = written.bytes(written.names().get(0));
        try (Journal journal = Recording.open(folder, SETTINGS, new Recording())) {
            CompletableFuture<Long> last = journal.append("a".getBytes(UTF_8));
            last.join();
            journal.append(inner).join();
            journal.append("c".getBytes(UTF_8)).join();
        }
        String second = folder.names().get(folder.names().size() - 1);
        byte[] bytes = folder.bytes(second);
        bytes[SegmentHeader.BYTES + 12] ^= 1;
        folder.put(second, bytes);
        Recording recording = Recording.of(folder);
        assertThat(all).doesNotContainValue("a");
        assertThat(recording.records.values()).doesNotContainAnyElementsOf(all.values());
    }

    private MemoryFolder copy() {
        return written.afterCrash(MemoryFolder.Survival.everything());
    }

    private void flip(String name, int at) {
        byte[] bytes = written.bytes(name);
        bytes[at] ^= 1;
        written.put(name, bytes);
    }

    private long frameBytes(long sequence) {
        return Frame.HEADER_BYTES + (long) all.getOrDefault(sequence, "").length();
    }

    private static int firstFrame() {
        return SegmentHeader.BYTES;
    }
}
