package io.sluice.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.journal.MemoryFolder.Survival;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The machine stops after the n-th file operation, for every n, and comes back with less or more of what was not forced. */
@Timeout(120)
class CrashTest {

    private static final JournalSettings SETTINGS = new JournalSettings(1024, 4096, 1 << 20, 4096);

    private interface Script {
        void run(Ledger ledger, Journal journal);
    }

    @Test
    void rotationSurvivesAStopAtEveryStep() {
        stopEverywhere((ledger, journal) -> {
            for (int i = 0; i < 6; i++) {
                ledger.append(journal, 1, false, 400);
                ledger.settle();
            }
        });
    }

    @Test
    void groupsSurviveAStopAtEveryStep() {
        stopEverywhere((ledger, journal) -> {
            for (int i = 1; i < 6; i++) {
                ledger.append(journal, i, false, 50);
                ledger.append(journal, 2, false, 100);
                ledger.settle();
            }
        });
    }

    @Test
    void snapshotsSurviveAStopAtEveryStep() {
        stopEverywhere((ledger, journal) -> {
            ledger.snapshot(journal);
            for (int i = 0; i < 3; i++) {
                ledger.append(journal, 3, false, 300);
                ledger.append(journal, 1, false, 300);
                ledger.snapshot(journal);
            }
            ledger.snapshot(journal);
            ledger.append(journal, 1, false, 10);
            ledger.settle();
        });
    }

    @Test
    void discardingSurvivesAStopAtEveryStep() {
        stopEverywhere((ledger, journal) -> {
            for (int i = 0; i < 9; i++) {
                ledger.append(journal, 1, false, 400);
                ledger.settle();
            }
            ledger.discard(journal, 5);
            ledger.append(journal, 1, false, 400);
            ledger.discard(journal, 100);
            ledger.append(journal, 1, false, 400);
            ledger.settle();
        });
    }

    @Test
    void openingSurvivesAStopAtEveryStep() {
        for (Survival survival : survivals(0)) {
            MemoryFolder torn = tornAfterSnapshot(survival);
            stopOpeningEverywhere(torn, survival);
        }
    }

    /** A folder in which recovery has much to do: leftovers of a snapshot, a torn tail, a temporary file. */
    private static MemoryFolder tornAfterSnapshot(Survival survival) {
        MemoryFolder folder = new MemoryFolder();
        Ledger ledger = new Ledger();
        try (Journal journal = Recording.open(folder, SETTINGS, new Recording())) {
            ledger.append(journal, 3, false, 400);
            ledger.append(journal, 1, false, 400);
            ledger.snapshot(journal);
            ledger.append(journal, 2, false, 100);
            ledger.settle();
        }
        MemoryFolder next = folder.afterCrash(survival);
        String last = "0000000000000005.seg";
        byte[] bytes = next.bytes(last);
        next.put(last, java.util.Arrays.copyOf(bytes, bytes.length + 33));
        next.put("0000000000000001.seg", new SegmentHeader(1, 99).encode());
        next.put(SnapshotFile.TEMPORARY, new byte[77]);
        return next;
    }

    private static void stopOpeningEverywhere(MemoryFolder torn, Survival survival) {
        Recording expected = Recording.of(torn.afterCrash(Survival.everything()));
        for (int operations = 0; operations < 20; operations++) {
            MemoryFolder folder = torn.afterCrash(Survival.everything());
            folder.stopAfter(operations);
            try {
                Recording.open(folder, SETTINGS, new Recording()).close();
            } catch (JournalException e) {
                assertThat(e.kind()).isEqualTo(JournalException.Kind.IO);
            }
            Recording again = Recording.of(folder.afterCrash(survival));
            assertThat(again.records).isEqualTo(expected.records).hasSize(2);
            assertThat(again.snapshot).isEqualTo(expected.snapshot).isNotNull();
            assertThat(again.gaps).isEmpty();
        }
    }

    private static void stopEverywhere(Script script) {
        int operations = 0;
        boolean stopped = true;
        while (stopped) {
            for (Survival survival : survivals(operations)) {
                stopped = stopAfter(operations, script, survival);
            }
            operations++;
        }
        assertThat(operations).as("the script does something").isGreaterThan(10);
    }

    /** Returns whether the script was stopped, or false if it ended before. */
    private static boolean stopAfter(int operations, Script script, Survival survival) {
        MemoryFolder folder = new MemoryFolder();
        Ledger ledger = new Ledger();
        boolean[] stopped = {false};
        try (Journal journal = Recording.open(folder, SETTINGS, new Recording())) {
            folder.stopAfter(operations, () -> stopped[0] = true);
            script.run(ledger, journal);
        }
        MemoryFolder next = folder.afterCrash(survival);
        for (int round = 0; round < 2; round++) {
            Recording recording = new Recording();
            try (Journal journal = Recording.open(next, SETTINGS, recording)) {
                ledger.checkAndAdopt(recording, false);
                ledger.append(journal, 2, false, 300);
                ledger.settle();
            }
            next = next.afterCrash(Survival.forcedOnly());
        }
        return stopped[0];
    }

    /** Mixed pages can make an unforced batch look like damage; that is the property test's business. */
    private static List<Survival> survivals(int seed) {
        return List.of(Survival.forcedOnly(), Survival.everything(), Survival.anyFolder(new Random(seed)));
    }
}
