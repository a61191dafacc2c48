package io.sluice.rollout.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.catchup.CatchUpStatus;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.plan.DesiredConfiguration;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.Rollout;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a pool's instances run, beside what they should.
 *
 * @param desired bundle hash that the last finished rollout left; absent before the first
 * @param accepted the hashes that the pool admits; empty admits any
 * @param activeRollout the one that is changing this right now
 * @param inSync whether every instance is known to run what is desired
 */
record DriftView(
        String pool,
        @Nullable String desired,
        @Nullable String desiredBy,
        List<String> accepted,
        @Nullable String activeRollout,
        boolean inSync,
        List<InstanceDrift> instances) {

    /** How an instance's report compares with what is desired. */
    enum State {
        @JsonProperty("in-sync")
        IN_SYNC,
        @JsonProperty("drifted")
        DRIFTED,
        /** Nothing was reported, or nothing is desired. */
        @JsonProperty("unknown")
        UNKNOWN
    }

    /**
     * One instance.
     *
     * @param reported what its last answered probe said
     * @param leftBehind why a finished rollout left it held
     * @param catchUp how bringing it up to date goes
     */
    record InstanceDrift(
            String id,
            State state,
            @Nullable String reported,
            boolean eligible,
            List<String> ineligibleBecause,
            List<String> holds,
            @Nullable String leftBehind,
            CatchUpStatus catchUp) {}

    static DriftView of(PoolView pool, RolloutEngine engine, Function<String, CatchUpStatus> catchUps) {
        DesiredConfiguration desired = engine.desired(pool.pool()).orElse(null);
        String hash = desired == null ? null : desired.hash();
        List<LeftBehind> left = engine.leftBehind(pool.pool());
        List<InstanceDrift> instances = pool.backends().stream()
                .map(backend -> drift(backend, hash, left, catchUps.apply(backend.id())))
                .toList();
        return new DriftView(
                pool.pool(),
                hash,
                desired == null ? null : desired.rollout(),
                pool.acceptedConfiguration(),
                engine.active(pool.pool()).map(Rollout::id).orElse(null),
                instances.stream().allMatch(instance -> instance.state() == State.IN_SYNC),
                instances);
    }

    private static InstanceDrift drift(
            BackendView backend, @Nullable String desired, List<LeftBehind> left, CatchUpStatus catchUp) {
        List<String> holds = backend.holds().stream().map(HoldView::name).toList();
        return new InstanceDrift(
                backend.id(),
                state(backend.configHash(), desired),
                backend.configHash(),
                backend.eligible(),
                backend.ineligibleBecause(),
                holds,
                left.stream()
                        .filter(one -> one.backend().equals(backend.id()) && holds.contains(one.hold()))
                        .map(one -> one.exit() + ": " + one.reason())
                        .findFirst()
                        .orElse(null),
                catchUp);
    }

    private static State state(@Nullable String reported, @Nullable String desired) {
        if (reported == null || desired == null) {
            return State.UNKNOWN;
        }
        return reported.equals(desired) ? State.IN_SYNC : State.DRIFTED;
    }
}
