package io.sluice.instance.outbox;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** An event was not accepted, or a change to a dead letter not made. */
public final class OutboxException extends RuntimeException {
    private final Reason reason;

    OutboxException(Reason reason, @Nullable Throwable cause) {
        super(reason.label(), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What a stage of a future failed with, without the wrapping that later stages add. */
    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    /** Why. */
    public enum Reason {
        /** The quota of bytes or of pending events is used up. */
        FULL("outbox-full", true),
        /** The log takes no more records, after an earlier failed force. */
        READ_ONLY("outbox-read-only", true),
        /** The outbox was closed. */
        CLOSED("stopping", true),
        /** The disk refused to take it. */
        DISK_ERROR("disk-error", true),
        /** Larger than one record of the log may be. */
        TOO_LARGE("too-large", true),
        /** The log failed while the record was being written: it may or may not be there after a restart. */
        UNKNOWN("outcome-unknown", false);

        private final String label;
        private final boolean nothingStored;

        Reason(String label, boolean nothingStored) {
            this.label = label;
            this.nothingStored = nothingStored;
        }

        /** Short, for headers, logs and metrics. */
        public String label() {
            return label;
        }

        /** Whether the sender may safely send the event elsewhere. */
        public boolean nothingStored() {
            return nothingStored;
        }
    }
}
