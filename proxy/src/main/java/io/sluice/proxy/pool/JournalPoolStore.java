package io.sluice.proxy.pool;

import io.sluice.journal.Gap;
import io.sluice.journal.Journal;
import io.sluice.journal.JournalException;
import io.sluice.journal.JournalSettings;
import io.sluice.journal.Replay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Keeps the changes of pools in a {@link Journal}. */
public final class JournalPoolStore implements PoolStore {
    private final Journal journal;
    private final Recovered recovered;

    private JournalPoolStore(Journal journal, Recovered recovered) {
        this.journal = journal;
        this.recovered = recovered;
    }

    /**
     * Opens the journal in that folder, creating it if there is none. Blocks.
     *
     * @throws JournalException when it cannot be opened
     */
    public static JournalPoolStore open(Path directory, JournalSettings settings) {
        Collector found = new Collector();
        Journal journal = Journal.open(directory, settings, found);
        return new JournalPoolStore(journal, new Recovered(found.records, found.gaps));
    }

    private static final class Collector implements Replay {
        private final List<byte[]> records = new ArrayList<>();
        private final List<String> gaps = new ArrayList<>();

        @Override
        public void snapshot(long sequence, byte[] newest) {
            records.add(newest);
        }

        @Override
        public void record(long sequence, byte[] payload) {
            records.add(payload);
        }

        @Override
        public void gap(Gap gap) {
            gaps.add(gap.segment() + " at " + gap.offset() + ": " + gap.bytes() + " bytes lost: " + gap.reason());
        }
    }

    @Override
    public Recovered recovered() {
        return recovered;
    }

    @Override
    public void append(List<byte[]> records) {
        await(journal.appendAll(records));
    }

    @Override
    public void compact(byte[] record) {
        await(journal.snapshot(record));
    }

    /** Only the pool writer's own thread waits here, never an event loop. */
    private static void await(CompletableFuture<?> written) {
        try {
            written.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            boolean unknown = !(cause instanceof JournalException refused)
                    || refused.kind() == JournalException.Kind.FORCE_FAILED;
            throw new PoolStoreException(String.valueOf(cause.getMessage()), unknown, cause);
        }
    }

    @Override
    public Optional<String> readOnlyBecause() {
        return journal.status().writable()
                ? Optional.empty()
                : Optional.of(Optional.ofNullable(journal.status().reason()).orElse("closed"));
    }

    @Override
    public void close() {
        journal.close();
    }
}
