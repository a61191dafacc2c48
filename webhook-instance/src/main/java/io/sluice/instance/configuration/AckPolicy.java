package io.sluice.instance.configuration;

import java.time.Duration;

/**
 * What a 2xx of a webhook means. {@code deadline} counts for {@link Mode#DELIVERED} only: once it has passed the sender gets 202, the
 * event being durable anyway.
 */
public record AckPolicy(Mode mode, Duration deadline) {
    /** Which fact a 2xx vouches for. */
    public enum Mode {
        /** In memory; lost when the process dies. */
        RECEIVED,
        /** Forced to this machine's disk. */
        DURABLE,
        /** Forced to disk, and every required step has confirmed. */
        DELIVERED
    }
}
