package io.sluice.proxy.pool;

import io.sluice.proxy.api.Health;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one active check and what the checker concludes from it.
 *
 * @param passed whether this probe got an expected answer
 * @param health the backend's health after the rise and fall thresholds
 * @param configHash {@code X-Config-Hash} of the answer; absent when none came or it had none
 * @param instanceId {@code X-Instance-ID} of the answer
 * @param detail one line for people, such as {@code 200 in 3 ms} or {@code connection refused}
 * @param drains whether the answer asked for no more requests
 */
public record ProbeReport(
        boolean passed,
        Health health,
        @Nullable String configHash,
        @Nullable String instanceId,
        String detail,
        boolean drains) {
    /** One that asks for nothing. */
    public ProbeReport(
            boolean passed, Health health, @Nullable String configHash, @Nullable String instanceId, String detail) {
        this(passed, health, configHash, instanceId, detail, false);
    }
}
