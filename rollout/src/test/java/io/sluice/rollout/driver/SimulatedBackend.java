package io.sluice.rollout.driver;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.HoldView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A backend as the proxy keeps it. */
final class SimulatedBackend {
    final String id;
    final SimulatedInstance instance;
    final Map<String, HoldView> holds = new LinkedHashMap<>();
    Health health = Health.UP;

    @Nullable
    String seenHash;

    long inFlight;
    long successes;

    @Nullable
    DrainOperation drain;

    SimulatedBackend(String id, SimulatedInstance instance) {
        this.id = id;
        this.instance = instance;
        this.seenHash = instance.hash();
    }

    boolean isEligible(List<String> accepted) {
        return whyNot(accepted).isEmpty();
    }

    List<String> whyNot(List<String> accepted) {
        List<String> reasons = new ArrayList<>();
        holds.keySet().forEach(name -> reasons.add("held by " + name));
        if (health != Health.UP) {
            reasons.add("is " + health);
        }
        if (!accepted.isEmpty() && !accepted.contains(String.valueOf(seenHash))) {
            reasons.add("runs " + seenHash);
        }
        return reasons;
    }

    /** What a probe finds. */
    boolean probe() {
        boolean passes = instance.isReachable() && !instance.isDraining() && instance.isHealthy();
        health = passes ? Health.UP : Health.DOWN;
        if (instance.isReachable()) {
            seenHash = instance.hash();
        }
        return passes;
    }

    /** Ends the drain when it is time to. */
    void settleDrain(Instant now) {
        DrainOperation running = drain;
        if (running == null || running.state().isFinal()) {
            return;
        }
        if (inFlight == 0) {
            drain = ended(running, DrainState.DRAINED, null, now);
        } else if (!now.isBefore(running.deadline())) {
            drain = ended(running, DrainState.TIMED_OUT, inFlight, now);
        }
    }

    void cancelDrain(Instant now) {
        DrainOperation running = drain;
        if (running != null && !running.state().isFinal()) {
            drain = ended(running, DrainState.CANCELLED, null, now);
        }
    }

    private static DrainOperation ended(DrainOperation op, DrainState state, @Nullable Long remaining, Instant now) {
        return new DrainOperation(
                op.id(),
                op.pool(),
                op.backend(),
                op.hold(),
                op.incarnation(),
                op.revision(),
                state,
                remaining == null ? 0 : remaining,
                remaining,
                op.startedAt(),
                op.deadline(),
                now,
                op.bootId());
    }

    BackendView view(List<String> accepted) {
        return new BackendView(
                id,
                id + ":8000",
                "http://" + id,
                1,
                1,
                isEligible(accepted),
                whyNot(accepted),
                inFlight,
                List.copyOf(holds.values()),
                health,
                null,
                seenHash,
                id,
                successes,
                successes,
                0);
    }
}
