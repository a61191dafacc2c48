package io.sluice.proxy.pool;

import io.sluice.proxy.api.Health;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was last observed of one backend; wishes (holds, removal) are not in here.
 *
 * @param health what the checks decided after their thresholds
 * @param healthDetail why, for people
 * @param ejectedUntil until when passive checks put it aside; absent when they did not
 * @param ejectionDetail why it is ejected; empty when it is not
 * @param configHash what the last answered probe or a refused response reported
 * @param instanceId what the last answered probe reported
 * @param unverifiedBecause why it has to pass a probe before its configuration is believed; empty when it need not
 */
public record Observation(
        Health health,
        String healthDetail,
        @Nullable Instant ejectedUntil,
        String ejectionDetail,
        @Nullable String configHash,
        @Nullable String instanceId,
        String unverifiedBecause) {

    static final Observation NONE = new Observation(Health.UNKNOWN, "not checked yet", null, "", null, null, "");

    /** @param verifies whether a pass answers the doubt */
    Observation withProbe(ProbeReport probe, boolean verifies) {
        return new Observation(
                probe.health(),
                probe.detail(),
                ejectedUntil,
                ejectionDetail,
                probe.configHash() == null && !probe.passed() ? configHash : probe.configHash(),
                probe.instanceId() == null ? instanceId : probe.instanceId(),
                probe.passed() && verifies ? "" : unverifiedBecause);
    }

    Observation withoutChecks() {
        return new Observation(
                Health.UNKNOWN,
                "not checked any more",
                ejectedUntil,
                ejectionDetail,
                configHash,
                instanceId,
                unverifiedBecause);
    }

    Observation withConfigHash(String hash) {
        return new Observation(health, healthDetail, ejectedUntil, ejectionDetail, hash, instanceId, unverifiedBecause);
    }

    Observation withUnverified(String why) {
        return new Observation(health, healthDetail, ejectedUntil, ejectionDetail, configHash, instanceId, why);
    }

    Observation withEjection(@Nullable Instant until, String why) {
        return new Observation(health, healthDetail, until, why, configHash, instanceId, unverifiedBecause);
    }
}
