package io.sluice.journal;

/** Why a journal could not do what it was asked; fails the futures of {@link Journal} or is thrown by its blocking calls. */
public final class JournalException extends RuntimeException {

    /** What went wrong, and with it whether the record may still turn up at the next open. */
    public enum Kind {
        /** The quota is used up; nothing was written. Works again after a snapshot or a discard. */
        FULL,
        /** An earlier force failed; nothing was written, and nothing will be until the journal is opened anew. */
        READ_ONLY,
        /** The outcome is unknown: the record may or may not be there at the next open. The journal is read-only from now on. */
        FORCE_FAILED,
        /** The record is larger than {@code maxRecordBytes} (or a batch larger than 1 GiB); nothing was written. */
        TOO_LARGE,
        /** Another process, or this one, has the folder open. */
        LOCKED,
        /** The journal was closed before the call; nothing was written. */
        CLOSED,
        /** The record is not, or no longer, in a segment. */
        GONE,
        /** A file operation failed, such as a write to a full disk; nothing was written, and the next append may work again. */
        IO
    }

    private final Kind kind;

    JournalException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    JournalException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
