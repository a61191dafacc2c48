package io.sluice.journal;

import java.util.List;

/**
 * What opening a journal found.
 *
 * @param snapshotSequence the last record inside the snapshot that was replayed, -1 when there was none
 * @param records how many records were replayed
 * @param truncatedBytes size of the torn tail that was cut off: what a crash left of writes that nobody was told were durable
 * @param gaps all damage, as it was given to {@link Replay#gap}
 */
public record Recovery(long snapshotSequence, long records, long truncatedBytes, List<Gap> gaps) {

    public Recovery {
        gaps = List.copyOf(gaps);
    }
}
