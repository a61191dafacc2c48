package io.sluice.proxy.pool;

/** Why a change was not made. */
public enum Refusal {
    /** The change itself is wrong, in the ways that the details list. */
    INVALID,
    UNKNOWN_POOL,
    UNKNOWN_BACKEND,
    UNKNOWN_ROUTE,
    /** Routes lead to the pool. */
    IN_USE,
    /** The file and the API changed the same thing to different values. */
    FILE_CONFLICT,
    /** The pool is not at the revision that the caller expects. */
    REVISION_MISMATCH,
    /** The backend exists, and the caller wanted to create it. */
    ALREADY_EXISTS,
    /** The backend, or its address, is in the pool for a reason that the caller has no say in. */
    NOT_YOURS,
    /** The backend carries somebody else's hold. */
    HELD_BY_OTHERS,
    /** Fewer backends would be eligible than the pool's floor. */
    FLOOR_WOULD_BREAK,
    /** A caller with a higher epoch has taken over. */
    STALE_EPOCH,
    /** The journal could not say whether the change is stored: it may reappear after a restart. */
    OUTCOME_UNKNOWN,
    /** The journal takes no changes (any more); nothing was stored. */
    JOURNAL_UNAVAILABLE
}
