package io.sluice.proxy.limit;

import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;

/** How many requests run at once, by key. Remembers only keys of which some run, so that it needs no bound of its own. Thread-safe. */
public final class RunningRequests {
    private final ConcurrentHashMap<Long, Integer> running = new ConcurrentHashMap<>();
    private final KeyHash hash = new KeyHash(new SecureRandom());

    /** The number that stands for a key. */
    public long key(String text) {
        return hash.of(text);
    }

    /** Counts one in, unless {@code limit} of the same key run already. */
    public boolean tryEnter(long key, int limit) {
        boolean[] entered = new boolean[1];
        running.compute(key, (same, now) -> {
            int before = now == null ? 0 : now;
            entered[0] = before < limit;
            return entered[0] ? (Integer) (before + 1) : now;
        });
        return entered[0];
    }

    /** Counts one out that was counted in. */
    public void leave(long key) {
        running.computeIfPresent(key, (same, now) -> now == 1 ? null : (Integer) (now - 1));
    }

    /** Keys of which some run. */
    public int keys() {
        return running.size();
    }
}
