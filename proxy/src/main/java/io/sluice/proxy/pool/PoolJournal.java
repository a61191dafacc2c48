package io.sluice.proxy.pool;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the writer keeps its changes: each record goes into the store and, once it is there, into {@link StoredPools}; now and then a
 * compacted state takes the place of them all. Belongs to the writer's thread.
 */
final class PoolJournal {
    private static final Logger LOG = LoggerFactory.getLogger(PoolJournal.class);

    /** Records after which the journal is compacted: a few seconds of replay at most. */
    private static final int COMPACT_AFTER = 20_000;

    /** The same for records that are large: each change of routes holds all of them. */
    private static final long COMPACT_AFTER_BYTES = 64 << 20;

    private final PoolStore store;
    private final StoredPools stored;
    private final List<PoolRecord> notes = new ArrayList<>();
    private int sinceCompaction;
    private long bytesSinceCompaction;

    PoolJournal(PoolStore store, StoredPools stored) {
        this.store = store;
        this.stored = stored;
        this.sinceCompaction = store.recovered().records().size();
        this.bytesSinceCompaction = store.recovered().records().stream()
                .mapToLong(record -> record.length)
                .sum();
    }

    /** Has this written with the next change. It must be something that a restart finds out by itself. */
    void note(PoolRecord record) {
        notes.add(record);
    }

    boolean hasNotes() {
        return !notes.isEmpty();
    }

    /**
     * Keeps these and the notes, all or none; returns when they are on the disk.
     *
     * @throws PoolStoreException when they are not, or when nobody knows; the notes are given up
     */
    void write(List<PoolRecord> records) {
        List<PoolRecord> all = new ArrayList<>(notes);
        all.addAll(records);
        if (all.isEmpty()) {
            return;
        }
        List<byte[]> encoded = PoolRecord.encode(all);
        try {
            store.append(encoded);
        } catch (PoolStoreException e) {
            notes.clear();
            throw e;
        }
        sinceCompaction += all.size();
        bytesSinceCompaction +=
                encoded.stream().mapToLong(record -> record.length).sum();
        notes.clear();
        all.forEach(stored::take);
    }

    /** Compacts if it is time to; returns the ids of ended drains that nobody can ask for any more. */
    List<String> compactSometimes() {
        if (sinceCompaction < COMPACT_AFTER && bytesSinceCompaction < COMPACT_AFTER_BYTES) {
            return List.of();
        }
        sinceCompaction = 0;
        bytesSinceCompaction = 0;
        List<String> forgotten = stored.forgetOldDrains();
        try {
            store.compact(PoolRecord.encode(List.of(stored.compacted())).get(0));
        } catch (PoolStoreException e) {
            LOG.warn("journal of pools was not compacted, it grows on: {}", e.getMessage());
        }
        return forgotten;
    }

    /** Writes the notes that are left; nothing is lost for good if that fails. */
    void writeRest() {
        try {
            write(List.of());
        } catch (PoolStoreException e) {
            LOG.warn("ends of drains were not kept, a restart derives them: {}", e.getMessage());
        }
    }
}
