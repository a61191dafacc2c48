package io.sluice.proxy.pool;

import io.sluice.proxy.api.HoldView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One pool at one revision. Immutable but for what its {@link Backend}s count and observe. */
public final class PoolSnapshot {
    private final PoolState state;
    private final List<Backend> backends;
    private final boolean ignoreHealthWhenNoneLeft;

    PoolSnapshot(PoolState state, List<Backend> backends, boolean ignoreHealthWhenNoneLeft) {
        this.state = state;
        this.backends = List.copyOf(backends);
        this.ignoreHealthWhenNoneLeft = ignoreHealthWhenNoneLeft;
    }

    public String pool() {
        return state.pool();
    }

    /** Rises by one with each change. */
    public long revision() {
        return state.revision();
    }

    /** The highest rollout epoch seen, 0 when none was. */
    public long epoch() {
        return state.epoch();
    }

    /** The floor in force: a change that leaves fewer eligible is refused. */
    public int minInService() {
        return state.floor();
    }

    /** The config hashes that this pool admits; empty means any. */
    public List<String> acceptedConfiguration() {
        return state.acceptedConfiguration();
    }

    /** In the order in which they were added. */
    public List<Backend> backends() {
        return backends;
    }

    public Optional<Backend> backend(String id) {
        return Optional.ofNullable(find(id));
    }

    /** The holds on a backend, oldest first. */
    public List<HoldView> holds(String id) {
        return state.backend(id).stream()
                .flatMap(backend -> backend.holds().stream())
                .map(BackendState.Hold::view)
                .toList();
    }

    /** How many backends are eligible now. */
    public int inService() {
        return (int) backends.stream().filter(Backend::isEligible).count();
    }

    /** Whether backends that are down or ejected serve when nobody else could. */
    public boolean ignoresHealthWhenNoneLeft() {
        return ignoreHealthWhenNoneLeft;
    }

    /** Whether health is being overlooked now, because heeding it would leave nobody. */
    public boolean isPanicking() {
        return ignoreHealthWhenNoneLeft
                && backends.stream().noneMatch(Backend::isEligible)
                && backends.stream().anyMatch(Backend::isEligibleIgnoringHealth);
    }

    /** One line for each reason why a backend of this pool gets nothing, empty when it is eligible. */
    public List<String> ineligibleBecause(Backend backend) {
        List<String> reasons = new ArrayList<>();
        if (!backend.isRetired()) {
            holds(backend.id())
                    .forEach(hold ->
                            reasons.add("held by " + hold.name() + " (" + hold.author() + "): " + hold.reason()));
        }
        reasons.addAll(backend.ineligibleBecause());
        return List.copyOf(reasons);
    }

    PoolState state() {
        return state;
    }

    private @Nullable Backend find(String id) {
        for (Backend backend : backends) {
            if (backend.id().equals(id)) {
                return backend;
            }
        }
        return null;
    }
}
