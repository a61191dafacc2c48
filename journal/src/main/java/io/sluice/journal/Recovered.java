package io.sluice.journal;

import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a journal's folder after recovery.
 *
 * @param segments by first sequence
 * @param appendable the last segment if it may be appended to, null if the next record has to begin a new one
 * @param snapshots all snapshot files that the next snapshot replaces, damaged ones too
 * @param leftovers files that were no longer needed when the journal was last closed or killed
 */
record Recovered(
        NavigableMap<Long, Segment> segments,
        @Nullable Segment appendable,
        List<Retiree> snapshots,
        List<Retiree> leftovers,
        long nextSequence,
        Recovery report) {}
