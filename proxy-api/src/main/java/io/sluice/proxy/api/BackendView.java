package io.sluice.proxy.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One backend as the proxy sees it. {@code requests}, {@code successes} (2xx–4xx answers) and {@code failures} (5xx answers and
 * transport errors) count this incarnation's attempts since the proxy's {@code bootId}, probes excluded.
 *
 * @param address host:port of the traffic side
 * @param adminUrl where the instance's admin API is, absent when unknown
 * @param incarnation rises by one with each new address
 * @param ineligibleBecause one line per reason; empty when {@code eligible}
 * @param configHash what the instance's last answered probe reported
 * @param backup whether it serves only while no other kind is eligible
 * @param maxInFlight how many requests it runs at once at most; absent when nothing limits it
 * @param breaker what the failures of its traffic led to
 * @param slowStartPercent how much of its weight counts yet; absent when all of it does
 * @param source how it came into the pool
 */
public record BackendView(
        String id,
        String address,
        @Nullable String adminUrl,
        int weight,
        long incarnation,
        boolean eligible,
        List<String> ineligibleBecause,
        long inFlight,
        List<HoldView> holds,
        Health health,
        @Nullable Instant ejectedUntil,
        @Nullable String configHash,
        @Nullable String instanceId,
        long requests,
        long successes,
        long failures,
        boolean backup,
        @Nullable Integer maxInFlight,
        @Nullable BreakerState breaker,
        @Nullable Integer slowStartPercent,
        @Nullable BackendSource source) {
    /** One whose share of the load nothing restricts. */
    public BackendView(
            String id,
            String address,
            @Nullable String adminUrl,
            int weight,
            long incarnation,
            boolean eligible,
            List<String> ineligibleBecause,
            long inFlight,
            List<HoldView> holds,
            Health health,
            @Nullable Instant ejectedUntil,
            @Nullable String configHash,
            @Nullable String instanceId,
            long requests,
            long successes,
            long failures) {
        this(
                id,
                address,
                adminUrl,
                weight,
                incarnation,
                eligible,
                ineligibleBecause,
                inFlight,
                holds,
                health,
                ejectedUntil,
                configHash,
                instanceId,
                requests,
                successes,
                failures,
                false,
                null,
                BreakerState.CLOSED,
                null,
                null);
    }

    public BackendView {
        ineligibleBecause = List.copyOf(ineligibleBecause);
        holds = List.copyOf(holds);
    }
}
