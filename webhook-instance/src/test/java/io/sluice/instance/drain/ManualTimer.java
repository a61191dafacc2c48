package io.sluice.instance.drain;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A timer that runs what it was given when the test says so. */
final class ManualTimer implements Timer {
    private final Map<Object, Runnable> waiting = new LinkedHashMap<>();

    @Override
    public Runnable after(Duration delay, Runnable action) {
        Object key = new Object();
        waiting.put(key, action);
        return () -> waiting.remove(key);
    }

    int size() {
        return waiting.size();
    }

    void fire() {
        Map<Object, Runnable> due = new LinkedHashMap<>(waiting);
        waiting.clear();
        due.values().forEach(Runnable::run);
    }
}
