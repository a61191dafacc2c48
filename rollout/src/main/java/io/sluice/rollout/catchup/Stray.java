package io.sluice.rollout.catchup;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import java.util.ArrayList;
import java.util.List;

/**
 * An instance that has to be brought up to date before it may get traffic.
 *
 * @param orphans holds on its backend that rollouts left behind
 */
record Stray(String pool, InstanceRef instance, List<String> orphans) {
    Stray {
        orphans = List.copyOf(orphans);
    }

    /** Those of the pool's backends that are out of service for a reason that catching up removes, and for no other person's. */
    static List<Stray> of(PoolView pool, Targets targets) {
        List<Stray> strays = new ArrayList<>();
        for (BackendView backend : pool.backends()) {
            String adminUrl = backend.adminUrl();
            if (adminUrl == null || backend.eligible() || targets.isEngaged(pool.pool(), backend.id())) {
                continue;
            }
            List<String> holds = backend.holds().stream().map(HoldView::name).toList();
            boolean onlyOrphans = holds.stream().allMatch(hold -> targets.isLost(pool.pool(), backend.id(), hold));
            boolean strange = isStrange(pool, backend);
            // The proxy also calls one down that answers 503 because of the very drain which has to be taken away.
            if (onlyOrphans && (strange || !holds.isEmpty())) {
                strays.add(new Stray(pool.pool(), new InstanceRef(backend.id(), adminUrl), holds));
            }
        }
        return strays;
    }

    private static boolean isStrange(PoolView pool, BackendView backend) {
        String reported = backend.configHash();
        return reported != null
                && !pool.acceptedConfiguration().isEmpty()
                && !pool.acceptedConfiguration().contains(reported);
    }
}
