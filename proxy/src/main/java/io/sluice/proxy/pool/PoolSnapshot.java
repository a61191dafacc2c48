package io.sluice.proxy.pool;

import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.HoldView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One pool at one revision. Immutable but for what its {@link Backend}s count and observe. */
public final class PoolSnapshot {
    private final PoolState state;
    private final List<Backend> backends;
    private final Map<String, Backend> byId;
    private final Map<String, BackendSource> notStatic = new HashMap<>();
    /** Of backends that have any. */
    private final Map<String, List<HoldView>> holds = new HashMap<>();

    private final PoolSettings settings;
    private volatile boolean belowThreshold;

    PoolSnapshot(PoolState state, List<Backend> backends, PoolSettings settings) {
        this.state = state;
        this.backends = List.copyOf(backends);
        this.byId = new HashMap<>(this.backends.size() * 2);
        this.backends.forEach(backend -> byId.put(backend.id(), backend));
        this.settings = settings;
        for (BackendState backend : state.backends()) {
            if (backend.source() != BackendSource.STATIC) {
                notStatic.put(backend.id(), backend.source());
            }
            if (backend.isHeld()) {
                holds.put(
                        backend.id(),
                        backend.holds().stream().map(BackendState.Hold::view).toList());
            }
        }
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

    /** In the order in which they were added. The same list as in the snapshot before, unless a member or a weight changed. */
    public List<Backend> backends() {
        return backends;
    }

    public Optional<Backend> backend(String id) {
        return Optional.ofNullable(find(id));
    }

    /** Whom that id names now; null when it is nobody. */
    public @Nullable Backend find(String id) {
        return byId.get(id);
    }

    /** The holds on a backend, oldest first. */
    public List<HoldView> holds(String id) {
        return holds.getOrDefault(id, List.of());
    }

    /** How the backend of that id came here. */
    public BackendSource source(String id) {
        return notStatic.getOrDefault(id, BackendSource.STATIC);
    }

    /** How many backends are eligible now. */
    public int inService() {
        return (int) backends.stream().filter(Backend::isEligible).count();
    }

    /** Whether backends that are down or ejected serve when nobody else could. */
    public boolean ignoresHealthWhenNoneLeft() {
        return settings.ignoreHealthWhenNoneLeft();
    }

    /** Whether health is being overlooked for all, because too few are well. Costs a read. */
    public boolean isBelowPanicThreshold() {
        return belowThreshold;
    }

    /** Makes {@link #isBelowPanicThreshold} true to what is observed by now. When none is well, backups come first. */
    synchronized void recount() {
        int threshold = settings.limits().panicThreshold();
        if (threshold == 0) {
            return;
        }
        int couldServe = 0;
        int well = 0;
        for (Backend backend : backends) {
            if (!backend.isBackup() && backend.isEligibleIgnoringHealth()) {
                couldServe++;
                well += backend.isEligible() && !backend.isOnTrial() ? 1 : 0;
            }
        }
        belowThreshold = well > 0 && well * 100 < threshold * couldServe;
    }

    /** Whether health is being overlooked now, because heeding it would leave nobody. */
    public boolean isPanicking() {
        return belowThreshold || overlooksHealthOfAll();
    }

    private boolean overlooksHealthOfAll() {
        return ignoresHealthWhenNoneLeft()
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
}
