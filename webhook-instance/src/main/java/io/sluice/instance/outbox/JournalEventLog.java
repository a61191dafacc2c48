package io.sluice.instance.outbox;

import io.sluice.journal.Journal;
import io.sluice.journal.JournalException;
import io.sluice.journal.JournalStatus;
import java.util.concurrent.CompletableFuture;

/** The log on disk. */
final class JournalEventLog implements EventLog {
    private final Journal journal;

    JournalEventLog(Journal journal) {
        this.journal = journal;
    }

    @Override
    public CompletableFuture<Long> append(byte[] record) {
        return translated(journal.append(record));
    }

    @Override
    public CompletableFuture<Long> appendReserved(byte[] record) {
        return translated(journal.appendReserved(record));
    }

    @Override
    public byte[] read(long sequence) {
        try {
            return journal.read(sequence);
        } catch (JournalException e) {
            throw translate(e);
        }
    }

    @Override
    public CompletableFuture<Void> discardBefore(long sequence) {
        return translated(journal.discardBefore(sequence));
    }

    @Override
    public JournalStatus status() {
        return journal.status();
    }

    @Override
    public void close() {
        journal.close();
    }

    private static <T> CompletableFuture<T> translated(CompletableFuture<T> future) {
        return future.handle((value, failure) -> {
            if (failure == null) {
                return value;
            }
            throw translate(OutboxException.unwrapped(failure));
        });
    }

    private static OutboxException translate(Throwable failure) {
        if (!(failure instanceof JournalException known)) {
            return new OutboxException(OutboxException.Reason.UNKNOWN, failure);
        }
        OutboxException.Reason reason = switch (known.kind()) {
            case FULL -> OutboxException.Reason.FULL;
            case READ_ONLY -> OutboxException.Reason.READ_ONLY;
            case CLOSED -> OutboxException.Reason.CLOSED;
            case TOO_LARGE -> OutboxException.Reason.TOO_LARGE;
            case IO, GONE, LOCKED -> OutboxException.Reason.DISK_ERROR;
            case FORCE_FAILED -> OutboxException.Reason.UNKNOWN;
        };
        return new OutboxException(reason, failure);
    }
}
