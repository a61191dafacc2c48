package io.sluice.proxy.admin;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolExplanation;
import io.sluice.proxy.api.PoolExplanation.BackendExplanation;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.balance.LoadBalancer;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Observation;
import io.sluice.proxy.pool.PoolSnapshot;
import java.util.ArrayList;
import java.util.List;

/** Turns what pools say about themselves into what the API says about them. */
final class PoolViews {
    private final String bootId;
    private final PoolSources sources;

    PoolViews(String bootId, PoolSources sources) {
        this.bootId = bootId;
        this.sources = sources;
    }

    PoolView pool(PoolSnapshot pool) {
        return new PoolView(
                pool.pool(),
                pool.revision(),
                bootId,
                pool.epoch(),
                pool.minInService(),
                pool.inService(),
                pool.acceptedConfiguration(),
                pool.backends().stream().map(backend -> backend(pool, backend)).toList(),
                sources.discovery(pool.pool()).orElse(null),
                sources.registration(pool.pool()).orElse(null));
    }

    BackendView backend(PoolSnapshot pool, Backend backend) {
        Observation seen = backend.observation();
        List<String> reasons = pool.ineligibleBecause(backend);
        return new BackendView(
                backend.id(),
                backend.address(),
                backend.adminUrl().orElse(null),
                backend.weight(),
                backend.incarnation(),
                reasons.isEmpty(),
                reasons,
                backend.inFlight(),
                pool.holds(backend.id()),
                seen.health(),
                seen.ejectedUntil(),
                seen.configHash(),
                seen.instanceId(),
                backend.requests(),
                backend.successes(),
                backend.failures(),
                backend.isBackup(),
                backend.maxInFlight().isPresent()
                        ? (Integer) (int) backend.maxInFlight().getAsLong()
                        : null,
                backend.breaker(),
                backend.slowStartPercent() == 100 ? null : (Integer) backend.slowStartPercent(),
                pool.source(backend.id()));
    }

    PoolExplanation explain(PoolSnapshot pool, LoadBalancer balancer, String balance) {
        Backend next = balancer.peek(pool);
        boolean panicking = pool.isPanicking();
        return new PoolExplanation(
                pool.pool(),
                pool.revision(),
                bootId,
                panicking,
                balance,
                next == null ? null : next.id(),
                pool.backends().stream()
                        .map(backend -> explain(pool, backend, panicking))
                        .toList(),
                sources.discovery(pool.pool()).orElse(null),
                sources.registration(pool.pool()).orElse(null));
    }

    private static BackendExplanation explain(PoolSnapshot pool, Backend backend, boolean panicking) {
        List<String> lines = new ArrayList<>(pool.ineligibleBecause(backend));
        boolean eligible = lines.isEmpty();
        if (eligible) {
            lines.add(eligible(backend));
        } else if (panicking && backend.isEligibleIgnoringHealth()) {
            lines.add("gets requests all the same: heeding health would leave nobody");
        }
        return new BackendExplanation(
                backend.id(),
                backend.address(),
                eligible,
                backend.inFlight(),
                backend.weight(),
                lines,
                pool.source(backend.id()));
    }

    private static String eligible(Backend backend) {
        return (backend.isFull() ? "full: " : "eligible: ") + backend.inFlight() + " in flight at weight "
                + backend.weight()
                + (backend.slowStartPercent() == 100 ? "" : ", of which " + backend.slowStartPercent() + " % count yet")
                + (backend.isBackup() ? "; a backup, for when no other kind is eligible" : "")
                + (backend.isOnTrial() ? "; on trial, one request at a time" : "");
    }
}
