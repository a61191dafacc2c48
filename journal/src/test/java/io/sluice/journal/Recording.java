package io.sluice.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps what a journal replays, as text. */
final class Recording implements Replay {

    long snapshotSequence = -1;

    @Nullable
    String snapshot;

    final NavigableMap<Long, String> records = new TreeMap<>();
    final List<Gap> gaps = new ArrayList<>();

    /** Opens, replays and closes. */
    static Recording of(MemoryFolder folder) {
        Recording recording = new Recording();
        open(folder, recording).close();
        return recording;
    }

    static Journal open(MemoryFolder folder, Replay replay) {
        return open(folder, JournalSettings.defaults(), replay);
    }

    static Journal open(MemoryFolder folder, JournalSettings settings, Replay replay) {
        try {
            return Journal.open(folder, settings, replay);
        } catch (IOException e) {
            throw new JournalException(JournalException.Kind.IO, "cannot open", e);
        }
    }

    @Override
    public void snapshot(long sequence, byte[] state) {
        if (snapshotSequence >= 0 || !records.isEmpty()) {
            throw new IllegalStateException("snapshot " + sequence + " does not come first");
        }
        snapshotSequence = sequence;
        snapshot = new String(state, StandardCharsets.UTF_8);
    }

    @Override
    public void record(long sequence, byte[] payload) {
        if (!records.isEmpty() && sequence <= records.lastKey()) {
            throw new IllegalStateException("record " + sequence + " comes after " + records.lastKey());
        }
        records.put(sequence, new String(payload, StandardCharsets.UTF_8));
    }

    @Override
    public void gap(Gap gap) {
        gaps.add(gap);
    }
}
