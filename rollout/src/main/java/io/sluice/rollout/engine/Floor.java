package io.sluice.rollout.engine;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How many backends have to stay in service. Whatever keeps one out counts, not only our holds. A backend that is out already costs
 * nothing to hold, so that a broken fleet can be repaired.
 */
public final class Floor {
    private Floor() {}

    /** Whether {@code backend} may be held now. */
    public static boolean permits(PoolView view, String backend, int floor) {
        return permits(view, backend, floor, Set.of());
    }

    /** Whether {@code backend} may be held in addition to {@code taken}, which are about to be. */
    static boolean permits(PoolView view, String backend, int floor, Set<String> taken) {
        Optional<BackendView> candidate = find(view, backend);
        if (candidate.isEmpty() || !candidate.get().eligible()) {
            return true;
        }
        long inService = view.backends().stream()
                .filter(b -> b.eligible() && !taken.contains(b.id()))
                .count();
        return inService - 1 >= Math.max(floor, view.minInService());
    }

    /** Whether the pool is too small for its floor to ever be met while one backend is held. */
    static boolean isOutOfReach(PoolView view, int floor) {
        return view.backends().size() - 1 < Math.max(floor, view.minInService());
    }

    /** One less than what is in service now, at most the pool's own floor, at least 1. */
    static int byDefault(PoolView view) {
        return Math.max(1, Math.min(view.minInService(), (int) inService(view) - 1));
    }

    /** For people: which floor stands in the way, who is out, and what ends it. */
    public static String shortage(PoolView view, int floor) {
        List<String> out = view.backends().stream()
                .filter(backend -> !backend.eligible())
                .map(backend -> backend.id() + " (" + String.join(", ", backend.ineligibleBecause()) + ")")
                .toList();
        String which = floor > view.minInService()
                ? "the rollout's floor is " + floor
                : "the pool's floor (min-in-service) is " + view.minInService();
        return inService(view) + " of " + view.backends().size() + " in service, " + which
                + (out.isEmpty() ? "" : "; out of service: " + String.join("; ", out))
                + "; goes on when one more is in service or the floor is lower";
    }

    static long inService(PoolView view) {
        return view.backends().stream().filter(BackendView::eligible).count();
    }

    static Optional<BackendView> find(PoolView view, String backend) {
        return view.backends().stream().filter(b -> b.id().equals(backend)).findFirst();
    }
}
