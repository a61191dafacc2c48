package io.sluice.journal;

import static io.sluice.journal.JournalTest.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.journal.JournalException.Kind;
import io.sluice.journal.MemoryFolder.Operation;
import io.sluice.journal.MemoryFolder.Survival;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that misbehaves while the journal runs. */
@Timeout(60)
class FaultTest {

    private static final JournalSettings SETTINGS = new JournalSettings(1024, 4096, 1 << 20, 4096);

    private final MemoryFolder folder = new MemoryFolder();

    @Test
    void shortWritesAreContinued() {
        folder.writeAtMost(3);
        try (Journal journal = open()) {
            journal.appendAll(List.of(bytes("first"), bytes("second"))).join();
            journal.snapshot(bytes("state")).join();
            journal.append(bytes("third")).join();
        }
        Recording recording = Recording.of(folder.afterCrash(Survival.forcedOnly()));
        assertThat(recording.snapshot).isEqualTo("state");
        assertThat(recording.records).containsOnlyKeys(3L).containsValue("third");
    }

    @Test
    void nothingIsAcknowledgedBeforeItIsForced() {
        List<Long> forcedSizes = new ArrayList<>();
        try (Journal journal = open()) {
            journal.append(bytes("first")).join();
            folder.failWith((operation, name) -> {
                if (operation == Operation.FORCE) {
                    forcedSizes.add(folder.used());
                }
            });
            for (int i = 0; i < 10; i++) {
                journal.append(bytes("more")).join();
                assertThat(forcedSizes).hasSize(i + 1).last().isEqualTo(folder.used());
            }
        }
    }

    @Test
    void manyWaitersShareOneForce() throws Exception {
        CountDownLatch forcing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        int[] forces = {0};
        try (Journal journal = Recording.open(folder, JournalSettings.defaults(), new Recording())) {
            journal.append(bytes("creates the segment")).join();
            folder.failWith((operation, name) -> {
                if (operation == Operation.FORCE && forces[0]++ == 0) {
                    forcing.countDown();
                    await(go);
                }
            });
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            futures.add(journal.append(bytes("its force is slow")));
            await(forcing);
            for (int i = 0; i < 1000; i++) {
                futures.add(journal.append(bytes("waits meanwhile")));
            }
            assertThat(futures).noneMatch(CompletableFuture::isDone);
            go.countDown();
            CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
            assertThat(forces[0]).isEqualTo(2);
        }
    }

    @Test
    void aFailedForceLeavesTheOutcomeUnknownAndTheJournalReadOnlyForGood() {
        try (Journal journal = open()) {
            journal.append(bytes("durable")).join();
            fail(Operation.FORCE);
            assertFails(journal.append(bytes("unknown")), Kind.FORCE_FAILED);
            folder.failWith((operation, name) -> {});
            assertFails(journal.append(bytes("later")), Kind.READ_ONLY);
            assertFails(journal.appendReserved(bytes("later")), Kind.READ_ONLY);
            assertFails(journal.snapshot(bytes("later")), Kind.READ_ONLY);
            assertFails(journal.discardBefore(2), Kind.READ_ONLY);
            assertThat(journal.status().writable()).isFalse();
            assertThat(journal.status().reason()).contains("force failed");
            assertThat(new String(journal.read(1), UTF_8)).isEqualTo("durable");
            assertThatThrownBy(() -> journal.read(2)).isInstanceOf(JournalException.class);
        }
        assertThat(Recording.of(folder.afterCrash(Survival.forcedOnly())).records)
                .containsOnlyKeys(1L);
        Recording kept = Recording.of(folder.afterCrash(Survival.everything()));
        assertThat(kept.records).hasSizeBetween(1, 2).containsEntry(1L, "durable");
    }

    @Test
    void aFullDiskFailsTheBatchAndWorksAgainWhenThereIsSpace() {
        try (Journal journal = open()) {
            journal.append(bytes("durable")).join();
            for (int room = 0; room < 40; room++) {
                folder.limitTo(folder.used() + room);
                assertFails(journal.append(bytes("does not fit on the disk any more")), Kind.IO);
                assertThat(journal.status().writable()).isTrue();
                assertThat(Recording.of(folder.afterCrash(Survival.forcedOnly())).records)
                        .containsOnlyKeys(1L);
                assertThat(Recording.of(folder.afterCrash(Survival.everything())).records)
                        .containsOnlyKeys(1L);
            }
            folder.limitTo(Long.MAX_VALUE);
            assertThat(journal.append(bytes("fits again")).join()).isEqualTo(2);
        }
        assertThat(Recording.of(folder).records).containsEntry(2L, "fits again").hasSize(2);
    }

    @Test
    void aFullDiskAtTheFirstAppendOrARotationIsSurvivedToo() {
        try (Journal journal = open()) {
            for (int room = 0; room < SegmentHeader.BYTES; room++) {
                folder.limitTo(room);
                assertFails(journal.append(bytes("no segment")), Kind.IO);
                assertThat(folder.names()).isEmpty();
            }
            folder.limitTo(2000);
            assertThat(journal.append(new byte[900]).join()).isEqualTo(1);
            folder.limitTo(folder.used() + 10);
            assertFails(journal.append(new byte[500]), Kind.IO);
            folder.limitTo(Long.MAX_VALUE);
            assertThat(journal.append(bytes("small, into the old segment")).join())
                    .isEqualTo(2);
            assertThat(journal.append(new byte[500]).join()).isEqualTo(3);
        }
        Recording recording = Recording.of(folder.afterCrash(Survival.forcedOnly()));
        assertThat(recording.records).containsOnlyKeys(1L, 2L, 3L);
        assertThat(recording.gaps).isEmpty();
    }

    @Test
    void aFullDiskIsEmptiedByDiscarding() {
        try (Journal journal = open()) {
            for (int i = 0; i < 10; i++) {
                journal.append(new byte[400]).join();
            }
            folder.limitTo(folder.used());
            assertFails(journal.append(new byte[400]), Kind.IO);
            journal.discardBefore(9).join();
            assertThat(journal.append(new byte[400]).join()).isEqualTo(11);
        }
        Recording recording = Recording.of(folder.afterCrash(Survival.forcedOnly()));
        assertThat(recording.gaps).isEmpty();
        assertThat(recording.records).containsKeys(9L, 10L, 11L);
    }

    @Test
    void aFullDiskLeavesTheOldTruthWhenASnapshotFails() {
        try (Journal journal = open()) {
            journal.append(bytes("durable")).join();
            folder.limitTo(folder.used() + 60);
            assertFails(journal.snapshot(new byte[100]), Kind.IO);
            assertThat(journal.append(bytes("needs the space again")).join()).isEqualTo(2);
            folder.limitTo(Long.MAX_VALUE);
            journal.snapshot(bytes("state")).join();
        }
        assertThat(Recording.of(folder.afterCrash(Survival.forcedOnly())).snapshot)
                .isEqualTo("state");
    }

    @Test
    void aFailedWriteThatCannotBeUndoneTurnsTheJournalReadOnly() {
        for (Operation undo : List.of(Operation.TRUNCATE, Operation.FORCE)) {
            MemoryFolder broken = new MemoryFolder();
            try (Journal journal = Recording.open(broken, SETTINGS, new Recording())) {
                journal.append(bytes("durable")).join();
                broken.failWith((operation, name) -> {
                    if (operation == Operation.WRITE || operation == undo) {
                        throw new IOException("injected");
                    }
                });
                assertFails(journal.append(bytes("unknown")), Kind.FORCE_FAILED);
                assertFails(journal.append(bytes("later")), Kind.READ_ONLY);
            }
        }
    }

    @Test
    void aSnapshotWhoseFolderCannotBeForcedTurnsTheJournalReadOnly() {
        try (Journal journal = open()) {
            journal.append(bytes("durable")).join();
            fail(Operation.FORCE_FOLDER);
            assertFails(journal.snapshot(bytes("unknown")), Kind.FORCE_FAILED);
            assertFails(journal.append(bytes("later")), Kind.READ_ONLY);
        }
        assertThat(Recording.of(folder.afterCrash(Survival.forcedOnly())).records)
                .containsOnlyKeys(1L);
        Recording kept = Recording.of(folder.afterCrash(Survival.everything()));
        assertThat(kept.snapshot).isEqualTo("unknown");
    }

    @Test
    void filesThatCannotBeDeletedStayCountedAndGoLater() {
        try (Journal journal = open()) {
            journal.append(new byte[900]).join();
            long before = journal.status().bytes();
            fail(Operation.DELETE);
            journal.snapshot(bytes("state")).join();
            assertThat(journal.status().bytes()).isGreaterThan(before);
            folder.failWith((operation, name) -> {});
            journal.snapshot(bytes("state")).join();
            assertThat(journal.status().bytes()).isLessThan(100);
            assertThat(folder.names()).containsExactly("0000000000000001.snap");
        }
    }

    @Test
    void leftoversOfASnapshotAreRemovedByTheNextOpen() {
        try (Journal journal = open()) {
            for (int i = 0; i < 5; i++) {
                journal.append(new byte[600]).join();
            }
            fail(Operation.DELETE);
            journal.snapshot(bytes("state")).join();
        }
        folder.failWith((operation, name) -> {});
        assertThat(folder.names()).hasSize(6);
        Recording recording = new Recording();
        try (Journal journal = Recording.open(folder, SETTINGS, recording)) {
            assertThat(recording.records).isEmpty();
            assertThat(recording.snapshot).isEqualTo("state");
            assertThat(recording.gaps).isEmpty();
            assertThat(folder.names()).containsExactly("0000000000000005.snap");
            assertThat(journal.append(bytes("next")).join()).isEqualTo(6);
        }
    }

    @Test
    void whatAKilledProcessWroteIsForcedBeforeItIsHandedOut() {
        try (Journal journal = open()) {
            journal.append(bytes("durable")).join();
            fail(Operation.FORCE);
            assertFails(journal.append(bytes("written, not forced")), Kind.FORCE_FAILED);
        }
        folder.failWith((operation, name) -> {});
        Recording recording = Recording.of(folder);
        MemoryFolder afterPowerCut = folder.afterCrash(Survival.forcedOnly());
        assertThat(recording.records).hasSize(2);
        assertThat(Recording.of(afterPowerCut).records).isEqualTo(recording.records);
    }

    @Test
    void aBugInTheWriterFailsItsWaitersInsteadOfLeavingThem() {
        try (Journal journal = open()) {
            journal.append(bytes("durable")).join();
            folder.failWith((operation, name) -> {
                throw new IllegalStateException("a bug");
            });
            assertFails(journal.append(bytes("unknown")), Kind.FORCE_FAILED);
            assertFails(journal.append(bytes("later")), Kind.READ_ONLY);
        }
    }

    private Journal open() {
        return Recording.open(folder, SETTINGS, new Recording());
    }

    private void fail(Operation which) {
        folder.failWith((operation, name) -> {
            if (operation == which) {
                throw new IOException("injected " + which);
            }
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
