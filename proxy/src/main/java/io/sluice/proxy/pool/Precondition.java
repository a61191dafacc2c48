package io.sluice.proxy.pool;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold for a change to be made.
 *
 * @param revisions the pool is at one of these; absent when any will do
 * @param existing which backends may be there already, of those that the change puts
 */
public record Precondition(@Nullable Set<Long> revisions, Existing existing) {
    /** Which existing backend a put may meet. */
    public enum Existing {
        /** Any: it is replaced. */
        ANY,
        /** One that is as asked for already. */
        SAME,
        NONE
    }

    public static final Precondition NONE = new Precondition(null, Existing.ANY);

    /** The backend must not exist. */
    public static final Precondition CREATES = new Precondition(null, Existing.NONE);

    /** Nothing may be overwritten by something else. */
    public static final Precondition OVERWRITES_NOTHING = new Precondition(null, Existing.SAME);

    public static Precondition atRevision(long revision) {
        return new Precondition(Set.of(revision), Existing.ANY);
    }
}
