package io.sluice.benchmarks.journal;

import io.sluice.journal.Gap;
import io.sluice.journal.Journal;
import io.sluice.journal.JournalSettings;
import io.sluice.journal.Replay;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** The journal with its default settings, discarding as it goes. */
final class JournalStore implements DurableStore {

    private final Journal journal;

    JournalStore(Path directory) {
        journal = Journal.open(directory, JournalSettings.defaults(), new IgnoredReplay());
    }

    @Override
    public CompletableFuture<Long> append(byte[] record) {
        return journal.append(record).thenApply(sequence -> {
            if (sequence % LIVE_RECORDS == 0) {
                var unused = journal.discardBefore(sequence - LIVE_RECORDS);
            }
            return sequence;
        });
    }

    @Override
    public void close() {
        journal.close();
    }

    private static final class IgnoredReplay implements Replay {
        @Override
        public void snapshot(long sequence, byte[] state) {}

        @Override
        public void record(long sequence, byte[] payload) {}

        @Override
        public void gap(Gap gap) {}
    }
}
