package io.sluice.proxy.observe;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Histograms of time: the same buckets everywhere, so that they can be compared. */
final class Latency {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    /** With the bucket for everything, the sum and the count. */
    static final int SERIES = BUCKETS.length + 3;

    private Latency() {}

    static Timer.Builder timer(String name, String description) {
        return Timer.builder(name).description(description).serviceLevelObjectives(BUCKETS);
    }
}
