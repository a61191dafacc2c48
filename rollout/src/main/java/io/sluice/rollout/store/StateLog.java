package io.sluice.rollout.store;

import io.vertx.core.Future;

/**
 * An ordered, durable log of records behind the newest snapshot. One caller; the futures may complete on any thread and fail when it is
 * not known that the record is durable.
 */
public interface StateLog {
    /** Gives everything that is kept to {@code replay}, oldest first. Blocks; called once, before anything else. */
    void open(Reader replay);

    /** Completes with the record's sequence once it is durable. */
    Future<Long> append(byte[] record);

    /** Replaces everything appended so far. */
    Future<Void> snapshot(byte[] state);

    /** Blocks until what was appended is written. */
    void close();

    /** Receives what a log holds. */
    interface Reader {
        void snapshot(long sequence, byte[] state);

        void record(long sequence, byte[] record);

        /** Something that was once written cannot be read any more. */
        void damaged(String what);
    }
}
