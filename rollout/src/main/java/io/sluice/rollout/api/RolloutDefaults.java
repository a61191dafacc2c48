package io.sluice.rollout.api;

import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.Strategy;
import io.sluice.rollout.plan.UnreachablePolicy;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/** What a rollout does where its request says nothing. */
public record RolloutDefaults(
        Strategy strategy, FailurePolicy onFailure, UnreachablePolicy onUnreachable, Deadlines deadlines) {
    /** One instance after the other; stop at the first failure; leave out who does not answer. */
    public static final RolloutDefaults STANDARD =
            new RolloutDefaults(Strategy.ROLLING, FailurePolicy.HALT, UnreachablePolicy.SKIP, Deadlines.DEFAULT);

    private static final int MAX_BATCH = 10_000;
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** Reads {@code batch-size}, {@code bake}, {@code settle}, {@code on-failure}, {@code on-unreachable} and the section {@code deadlines}. */
    public static RolloutDefaults read(SettingsReader reader) {
        Strategy strategy = new Strategy(
                Strategy.Type.ROLLING,
                reader.integer("batch-size", STANDARD.strategy.batch(), 1, MAX_BATCH),
                reader.duration("bake", STANDARD.strategy.bake(), Duration.ZERO),
                reader.duration("settle", STANDARD.strategy.settle(), Duration.ZERO));
        return new RolloutDefaults(
                strategy,
                reader.choice("on-failure", FailurePolicy.class, STANDARD.onFailure),
                reader.choice("on-unreachable", UnreachablePolicy.class, STANDARD.onUnreachable),
                deadlines(reader.section("deadlines")));
    }

    private static Deadlines deadlines(SettingsReader reader) {
        return new Deadlines(
                reader.duration("reach", STANDARD.deadlines.reach(), SHORTEST),
                reader.duration("drain", STANDARD.deadlines.drain(), SHORTEST),
                reader.duration("apply", STANDARD.deadlines.apply(), SHORTEST),
                reader.duration("health", STANDARD.deadlines.health(), SHORTEST),
                reader.duration("proxy", STANDARD.deadlines.proxy(), SHORTEST));
    }
}
