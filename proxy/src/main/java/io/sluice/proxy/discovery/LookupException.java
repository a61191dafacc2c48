package io.sluice.proxy.discovery;

import java.util.Locale;

/** A lookup that told nothing. */
final class LookupException extends RuntimeException {
    /** What came of it. */
    enum Kind {
        /** There is no such name. */
        NXDOMAIN,
        /** There is the name, but it has no address. */
        EMPTY,
        SERVFAIL,
        REFUSED,
        TIMEOUT,
        /** Not all of the answer could be had. */
        TRUNCATED,
        /** More addresses than a pool may get. */
        TOO_MANY,
        OTHER;

        /** The word in metrics. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    LookupException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
