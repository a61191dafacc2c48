package io.sluice.instance.outbox;

import io.sluice.journal.JournalStatus;
import java.util.concurrent.CompletableFuture;

/** The durable log as the outbox uses it. Every failure is an {@link OutboxException}; order of calls is order of records. */
interface EventLog extends AutoCloseable {
    /** Completes with the record's sequence once it is on disk. */
    CompletableFuture<Long> append(byte[] record);

    /** Like {@link #append}, for records that free space: also when the quota is used up. */
    CompletableFuture<Long> appendReserved(byte[] record);

    /** A record that was not discarded. Blocks. */
    byte[] read(long sequence);

    CompletableFuture<Void> discardBefore(long sequence);

    JournalStatus status();

    @Override
    void close();
}
