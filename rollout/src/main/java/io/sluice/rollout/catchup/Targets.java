package io.sluice.rollout.catchup;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.plan.DesiredConfiguration;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * What the engine knows and catching up has to ask. A rollout that goes on by itself takes care of every instance, also of those that come
 * back changed. Only while somebody has paused it, or none is there, is it anybody else's business: then a stray gets what the paused
 * rollout leads to, so that it has nothing left to do there, or what the last one left. A rollout that paused because the fleet was not as
 * expected after a restart waits for a human, and so does its fleet.
 */
final class Targets {
    private static final String ROLLOUT = Rollout.holderOf("");

    private final RolloutEngine engine;

    Targets(RolloutEngine engine) {
        this.engine = engine;
    }

    /** Bundle hash of what strays of the pool should run; empty when nobody may touch them now. */
    Optional<String> hash(String pool) {
        Optional<Rollout> active = engine.active(pool);
        if (active.isEmpty()) {
            return engine.desired(pool).map(DesiredConfiguration::hash);
        }
        return active.filter(rollout -> rollout.status().pauseReason() == PauseReason.USER && !rollout.isInFlight())
                .map(Rollout::plan)
                .map(FleetPlan::targetHash);
    }

    Future<TargetConfiguration> configuration(String hash) {
        return engine.configuration(hash).map(bundle -> target(hash, bundle));
    }

    private static TargetConfiguration target(String hash, JsonNode bundle) {
        return new TargetConfiguration(hash, bundle.path("webhooks"), bundle.path("connections"));
    }

    /** Whether a rollout works at this instance now. */
    boolean isEngaged(String pool, String instance) {
        return engine.active(pool)
                .flatMap(rollout -> rollout.step(instance))
                .filter(InstanceStep::isInFlight)
                .isPresent();
    }

    /** Whether this hold was left on the backend by a finished rollout that lost the instance; one in quarantine stays there. */
    boolean isLost(String pool, String instance, String hold) {
        return engine.leftBehind(pool).stream()
                .anyMatch(left ->
                        left.backend().equals(instance) && left.hold().equals(hold) && left.exit() == Step.LOST);
    }

    /** Whether this drain at an instance was placed by a rollout that has ended. */
    boolean isOver(String holder) {
        return holder.startsWith(ROLLOUT)
                && engine.find(holder.substring(ROLLOUT.length()))
                        .map(Rollout::isOver)
                        .orElse(true);
    }

    long epoch() {
        return engine.epoch();
    }
}
