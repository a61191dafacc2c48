package io.sluice.rollout.driver;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last few probes of a health gate. */
final class Samples {
    private final int kept;
    private final Deque<Boolean> window = new ArrayDeque<>();
    private int taken;

    Samples(int kept) {
        this.kept = kept;
    }

    void add(boolean passed) {
        taken++;
        window.addLast(passed);
        if (window.size() > kept) {
            window.removeFirst();
        }
    }

    int passed() {
        return (int) window.stream().filter(passed -> passed).count();
    }

    int taken() {
        return taken;
    }
}
