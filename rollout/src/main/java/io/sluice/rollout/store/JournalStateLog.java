package io.sluice.rollout.store;

import io.sluice.journal.Gap;
import io.sluice.journal.Journal;
import io.sluice.journal.JournalSettings;
import io.sluice.journal.Replay;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A {@link StateLog} in a folder. Its lock lets one engine at a time use it. */
public final class JournalStateLog implements StateLog {
    private final Path directory;
    private volatile @Nullable Journal journal;

    public JournalStateLog(Path directory) {
        this.directory = directory;
    }

    @Override
    public void open(Reader replay) {
        journal = Journal.open(directory, JournalSettings.defaults(), new Replay() {
            @Override
            public void snapshot(long sequence, byte[] state) {
                replay.snapshot(sequence, state);
            }

            @Override
            public void record(long sequence, byte[] payload) {
                replay.record(sequence, payload);
            }

            @Override
            public void gap(Gap gap) {
                replay.damaged(gap.segment() + " at " + gap.offset() + ": " + gap.reason());
            }
        });
    }

    @Override
    public Future<Long> append(byte[] record) {
        return Future.fromCompletionStage(opened().append(record));
    }

    @Override
    public Future<Void> snapshot(byte[] state) {
        return Future.fromCompletionStage(opened().snapshot(state));
    }

    @Override
    public void close() {
        Journal opened = journal;
        if (opened != null) {
            opened.close();
        }
    }

    private Journal opened() {
        return Objects.requireNonNull(journal, "not open");
    }
}
