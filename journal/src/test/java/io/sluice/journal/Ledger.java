package io.sluice.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.journal.JournalException.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The model of a journal: what its callers were told, and so what a later open has to show, may show and must not show.
 */
final class Ledger {

    private record Pending(List<String> texts, CompletableFuture<Long> done) {}

    private final NavigableMap<Long, String> acknowledged = new TreeMap<>();
    private final List<List<String>> groups = new ArrayList<>();
    private final Set<String> uncertain = new HashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final NavigableMap<Long, List<String>> possibleSnapshots = new TreeMap<>();
    private final List<Pending> pending = new ArrayList<>();
    private boolean snapshotExpected;
    private long discardedBefore = 1;
    private int issued;

    /** Appends a group of unique texts without waiting. */
    void append(Journal journal, int count, boolean mayUseReserve, int size) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add("text " + issued + " " + "x".repeat(size));
            issued++;
        }
        List<byte[]> records = texts.stream().map(text -> text.getBytes(UTF_8)).toList();
        CompletableFuture<Long> done;
        if (count > 1) {
            done = journal.appendAll(records);
        } else {
            done = mayUseReserve ? journal.appendReserved(records.get(0)) : journal.append(records.get(0));
        }
        pending.add(new Pending(texts, done));
    }

    /** Waits for everything that was appended. */
    void settle() {
        for (Pending append : pending) {
            Kind failure = outcome(append.done());
            if (failure == null) {
                long sequence = append.done().join() - append.texts().size();
                assertThat(acknowledged.isEmpty() ? 0 : acknowledged.lastKey()).isLessThanOrEqualTo(sequence);
                for (String text : append.texts()) {
                    sequence++;
                    acknowledged.put(sequence, text);
                }
                groups.add(append.texts());
            } else if (failure == Kind.FORCE_FAILED) {
                uncertain.addAll(append.texts());
                groups.add(append.texts());
            } else {
                refused.addAll(append.texts());
            }
        }
        pending.clear();
    }

    void snapshot(Journal journal) {
        settle();
        long sequence = journal.status().lastSequence();
        String state = "state " + issued + " of " + sequence;
        issued++;
        Kind failure = outcome(journal.snapshot(state.getBytes(UTF_8)));
        if (failure == null) {
            possibleSnapshots.clear();
            snapshotExpected = true;
        }
        if (failure == null || failure == Kind.FORCE_FAILED) {
            possibleSnapshots
                    .computeIfAbsent(sequence, key -> new ArrayList<>())
                    .add(state);
        }
    }

    void discard(Journal journal, long sequence) {
        settle();
        discardedBefore = Math.max(discardedBefore, sequence);
        outcome(journal.discardBefore(sequence));
    }

    /** Reads a live record back. */
    void read(Journal journal, long sequence) {
        settle();
        if (sequence >= journal.status().firstSequence() && acknowledged.containsKey(sequence)) {
            try {
                assertThat(new String(journal.read(sequence), UTF_8)).isEqualTo(acknowledged.get(sequence));
            } catch (JournalException e) {
                assertThat(e.kind()).isIn(Kind.IO, Kind.GONE);
            }
        }
    }

    long lastSequence() {
        return acknowledged.isEmpty() ? 0 : acknowledged.lastKey();
    }

    /** Holds what was replayed against what was promised, then takes it as the new truth: it was forced before it was shown. */
    void checkAndAdopt(Recording replayed, boolean mayHaveGaps) {
        checkSnapshot(replayed);
        checkNothingAcknowledgedIsLost(replayed);
        checkNothingElseSurfaces(replayed);
        checkGroups(replayed);
        if (!mayHaveGaps) {
            assertThat(replayed.gaps).allMatch(this::wasDiscarded);
            if (!replayed.records.isEmpty()) {
                assertThat((long) replayed.records.size())
                        .as("no hole")
                        .isEqualTo(replayed.records.lastKey() - replayed.records.firstKey() + 1);
            }
        }
        acknowledged.clear();
        acknowledged.putAll(replayed.records);
        uncertain.clear();
        possibleSnapshots.clear();
        if (replayed.snapshot != null) {
            possibleSnapshots.put(replayed.snapshotSequence, new ArrayList<>(List.of(replayed.snapshot)));
            snapshotExpected = true;
        }
    }

    /** A discard on a full disk makes room before it leaves its mark; a machine that stops in between cannot tell why records are missing. */
    private boolean wasDiscarded(Gap gap) {
        return gap.bytes() == 0 && Segment.firstSequenceOf(gap.segment()) <= discardedBefore;
    }

    private void checkSnapshot(Recording replayed) {
        if (replayed.snapshot == null) {
            assertThat(snapshotExpected).as("the snapshot is lost").isFalse();
        } else {
            assertThat(possibleSnapshots.getOrDefault(replayed.snapshotSequence, List.of()))
                    .contains(replayed.snapshot);
        }
    }

    private void checkNothingAcknowledgedIsLost(Recording replayed) {
        long from = Math.max(replayed.snapshotSequence + 1, discardedBefore);
        assertThat(replayed.records).containsAllEntriesOf(acknowledged.tailMap(from, true));
    }

    private void checkNothingElseSurfaces(Recording replayed) {
        for (Map.Entry<Long, String> record : replayed.records.entrySet()) {
            String expected = acknowledged.get(record.getKey());
            assertThat(record.getKey()).isGreaterThan(replayed.snapshotSequence);
            if (!record.getValue().equals(expected)) {
                assertThat(expected).as("record %s", record.getKey()).isNull();
                assertThat(uncertain).contains(record.getValue());
            }
            assertThat(refused).doesNotContain(record.getValue());
        }
    }

    private void checkGroups(Recording replayed) {
        Set<String> texts = new HashSet<>(replayed.records.values());
        for (List<String> group : groups) {
            assertThat(group.stream().filter(texts::contains).count()).isIn(0L, (long) group.size());
        }
    }

    private static @Nullable Kind outcome(CompletableFuture<?> done) {
        try {
            done.join();
            return null;
        } catch (CompletionException e) {
            if (e.getCause() instanceof JournalException failure) {
                return failure.kind();
            }
            throw e;
        }
    }
}
