package io.sluice.proxy.pool;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold for a change to be made.
 *
 * @param revisions the pool is at one of these; absent when any will do
 * @param creates the backend that the change puts does not exist
 */
public record Precondition(@Nullable Set<Long> revisions, boolean creates) {
    public static final Precondition NONE = new Precondition(null, false);

    /** The backend must not exist. */
    public static final Precondition CREATES = new Precondition(null, true);

    public static Precondition atRevision(long revision) {
        return new Precondition(Set.of(revision), false);
    }
}
