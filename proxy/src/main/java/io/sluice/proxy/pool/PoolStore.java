package io.sluice.proxy.pool;

import java.util.List;
import java.util.Optional;

/** Where the changes of pools are kept. All calls block and come from one thread at a time. */
public interface PoolStore extends AutoCloseable {
    /**
     * What was found at the start.
     *
     * @param records what was kept, oldest first; a compacted state stands in the place of all that it replaced
     * @param gaps damage, one line each
     */
    record Recovered(List<byte[]> records, List<String> gaps) {
        public Recovered {
            records = List.copyOf(records);
            gaps = List.copyOf(gaps);
        }
    }

    Recovered recovered();

    /**
     * Keeps all of these, or none; returns when they are on the disk.
     *
     * @throws PoolStoreException when they are not, or when nobody knows
     */
    void append(List<byte[]> records);

    /** Replaces everything so far by one record. */
    void compact(byte[] record);

    /** Why nothing can be appended any more; empty while it can. */
    Optional<String> readOnlyBecause();

    @Override
    void close();
}
