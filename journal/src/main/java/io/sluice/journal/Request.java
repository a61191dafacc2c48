package io.sluice.journal;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Something a caller waits for the writer to do. */
sealed interface Request {

    /** What a caller gets; its value depends on the request. */
    CompletableFuture<?> done();

    default void fail(JournalException reason) {
        done().completeExceptionally(reason);
    }

    /**
     * Records to append with contiguous sequences, all or none.
     *
     * @param bytes size of their frames
     */
    record Append(List<byte[]> records, long bytes, boolean mayUseReserve, CompletableFuture<Long> done)
            implements Request {

        static Append of(List<byte[]> records, boolean mayUseReserve) {
            List<byte[]> copy = List.copyOf(records);
            long bytes = copy.stream().mapToLong(Frame::bytesFor).sum();
            return new Append(copy, bytes, mayUseReserve, new CompletableFuture<>());
        }
    }

    /** Replaces everything before it by {@code state}. */
    @SuppressWarnings("ArrayRecordComponent") // requests are never compared
    record TakeSnapshot(byte[] state, CompletableFuture<Void> done) implements Request {}

    /** Allows to forget records below {@code sequence}. */
    record Discard(long sequence, CompletableFuture<Void> done) implements Request {}
}
