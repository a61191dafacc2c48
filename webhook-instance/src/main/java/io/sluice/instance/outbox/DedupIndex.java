package io.sluice.instance.outbox;

import io.sluice.instance.outbox.OutboxRecord.Mark;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events of which a copy may come, the oldest first; bounded. Not thread-safe: guarded by the outbox's lock. */
final class DedupIndex {
    private final int most;
    private final Map<String, Known> known = new LinkedHashMap<>();

    /** A mark and the sequence of the record that a restart will find it in. */
    private record Known(Mark mark, long home) {}

    DedupIndex(int most) {
        this.most = most;
    }

    @Nullable
    Mark find(String eventId, long nowMillis) {
        Known found = known.get(eventId);
        return found == null || isOld(found, nowMillis) ? null : found.mark();
    }

    void add(Mark mark, long home, long nowMillis) {
        // taken out first, so that a replaced one gets its new place in the order
        known.remove(mark.eventId());
        known.put(mark.eventId(), new Known(mark, home));
        Iterator<Known> oldest = known.values().iterator();
        while (oldest.hasNext()) {
            Known next = oldest.next();
            if (known.size() <= most && !isOld(next, nowMillis)) {
                return;
            }
            oldest.remove();
        }
    }

    /** Marks that would be lost with the records before {@code sequence}. */
    List<Mark> homedBefore(long sequence, long nowMillis) {
        List<Mark> found = new ArrayList<>();
        known.values().stream()
                .filter(entry -> entry.home() < sequence && !isOld(entry, nowMillis))
                .forEach(entry -> found.add(entry.mark()));
        return found;
    }

    /** Notes that the mark is now in another record, unless it was replaced meanwhile. */
    void rehome(Mark mark, long home) {
        known.computeIfPresent(
                mark.eventId(), (id, now) -> now.mark().entry() == mark.entry() ? new Known(mark, home) : now);
    }

    private boolean isOld(Known entry, long nowMillis) {
        return nowMillis >= entry.mark().expiresMillis();
    }
}
