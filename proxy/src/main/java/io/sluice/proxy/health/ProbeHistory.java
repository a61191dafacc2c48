package io.sluice.proxy.health;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.api.ProbeResult;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The last checks of one backend, for people who want to know why it is what it is. Thread-safe. */
final class ProbeHistory {
    static final int SIZE = 10;

    private final Clock clock;

    @GuardedBy("this")
    private final ArrayDeque<ProbeRecord> last = new ArrayDeque<>();

    ProbeHistory(Clock clock) {
        this.clock = clock;
    }

    synchronized void add(ProbeResult result) {
        if (last.size() == SIZE) {
            last.removeLast();
        }
        last.addFirst(new ProbeRecord(clock.instant(), result));
    }

    /** Newest first. */
    synchronized List<ProbeRecord> newestFirst() {
        return List.copyOf(new ArrayList<>(last));
    }
}
