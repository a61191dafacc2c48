package io.sluice.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A last write that reached the disk in part: cut at every byte, or wrong in every bit. */
@Timeout(120)
class TornTailTest {

    private static final String SEGMENT = "0000000000000001.seg";
    private static final List<String> GROUP =
            List.of("first of the group", "second of the group", "third of the group");

    private final MemoryFolder written = new MemoryFolder();
    private final Map<Long, String> before = new TreeMap<>();
    private byte[] file = new byte[0];
    private int tailAt;

    @BeforeEach
    void writeRecords() {
        try (Journal journal = Recording.open(written, new Recording())) {
            for (String text : List.of("one", "", "three")) {
                before.put(journal.append(text.getBytes(UTF_8)).join(), text);
            }
            tailAt = (int) journal.status().bytes();
        }
    }

    @Test
    void aRecordCutAtAnyByteIsGoneAndEverythingBeforeItIsThere() {
        append(List.of("the last record"));
        for (int length = tailAt; length < file.length; length++) {
            assertOnlyTailIsGone(Arrays.copyOf(file, length), length - tailAt);
        }
    }

    @Test
    void aRecordWithAnyBitFlippedIsGoneAndEverythingBeforeItIsThere() {
        append(List.of("the last record"));
        flipEveryBitOfTheTail();
    }

    @Test
    void aGroupCutAtAnyByteIsGoneAsAWhole() {
        append(GROUP);
        for (int length = tailAt; length < file.length; length++) {
            assertOnlyTailIsGone(Arrays.copyOf(file, length), length - tailAt);
        }
    }

    @Test
    void aGroupWithAnyBitFlippedIsGoneAsAWhole() {
        append(GROUP);
        flipEveryBitOfTheTail();
    }

    @Test
    void garbageBehindTheEndIsCutOff() {
        append(List.of("the last record"));
        before.put(4L, "the last record");
        for (byte fill : new byte[] {0, -1, 0x53, 0x46}) {
            byte[] longer = Arrays.copyOf(file, file.length + 100);
            Arrays.fill(longer, file.length, longer.length, fill);
            assertOnlyTailIsGone(longer, 100);
        }
    }

    @Test
    void theTailOfAnotherSegmentsLifeIsNotTakenForThisOnes() {
        append(List.of("the last record"));
        MemoryFolder otherLife = new MemoryFolder();
        try (Journal journal = Recording.open(otherLife, new Recording())) {
            for (String text : List.of("ONE", "", "THREE", "THE LAST RECORD", "and one more")) {
                journal.append(text.getBytes(UTF_8)).join();
            }
        }
        byte[] stale = otherLife.bytes(SEGMENT);
        System.arraycopy(file, 0, stale, 0, tailAt);
        assertOnlyTailIsGone(stale, stale.length - tailAt);
    }

    @Test
    void aSegmentWhoseCreationWasCutShortIsForgotten() {
        append(List.of("the last record"));
        before.put(4L, "the last record");
        MemoryFolder next = new MemoryFolder();
        next.put(SEGMENT, file);
        byte[] header = new SegmentHeader(5, 1234567890123456789L).encode();
        for (int length = 0; length < header.length / 2; length++) {
            MemoryFolder folder = folder(file);
            folder.put("0000000000000005.seg", Arrays.copyOf(header, length));
            Recording recording = Recording.of(folder);
            assertThat(recording.records).isEqualTo(before);
            assertThat(recording.gaps).isEmpty();
            assertGoesOn(folder, 5);
        }
    }

    private void flipEveryBitOfTheTail() {
        for (int at = tailAt; at < file.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = file.clone();
                flipped[at] ^= (byte) (1 << bit);
                assertOnlyTailIsGone(flipped, file.length - tailAt);
            }
        }
    }

    private void append(List<String> texts) {
        try (Journal journal = Recording.open(written, new Recording())) {
            journal.appendAll(texts.stream().map(text -> text.getBytes(UTF_8)).toList())
                    .join();
        }
        file = written.bytes(SEGMENT);
    }

    private void assertOnlyTailIsGone(byte[] bytes, int truncated) {
        MemoryFolder folder = folder(bytes);
        Recording recording = new Recording();
        try (Journal journal = Recording.open(folder, recording)) {
            assertThat(recording.records).isEqualTo(before);
            assertThat(recording.gaps).isEmpty();
            assertThat(journal.recovery().truncatedBytes()).isEqualTo(truncated);
            assertThat(journal.status().lastSequence()).isEqualTo(before.size());
        }
        assertGoesOn(folder, before.size() + 1);
    }

    /** Also after a further crash: what was cut off must not come back. */
    private void assertGoesOn(MemoryFolder folder, long sequence) {
        try (Journal journal = Recording.open(folder, new Recording())) {
            assertThat(journal.append("next".getBytes(UTF_8)).join()).isEqualTo(sequence);
        }
        Recording recording = Recording.of(folder.afterCrash(MemoryFolder.Survival.forcedOnly()));
        assertThat(recording.records)
                .containsAllEntriesOf(before)
                .hasSize(before.size() + 1)
                .containsEntry(sequence, "next");
        assertThat(recording.gaps).isEmpty();
    }

    private static MemoryFolder folder(byte[] segment) {
        MemoryFolder folder = new MemoryFolder();
        folder.put(SEGMENT, segment);
        return folder;
    }
}
