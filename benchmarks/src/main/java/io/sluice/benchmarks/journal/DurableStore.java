package io.sluice.benchmarks.journal;

import java.util.concurrent.CompletableFuture;

/** What is compared: a store that says when a record is on the disk, and that forgets all but the newest records. */
interface DurableStore extends AutoCloseable {

    /** How many of the newest records a store keeps at least; an outbox that keeps up looks like this. */
    int LIVE_RECORDS = 4096;

    /** Completes once the record is durable. */
    CompletableFuture<Long> append(byte[] record);

    @Override
    default void close() {}
}
