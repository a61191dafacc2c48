package io.sluice.rollout.plan;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a rollout is and where it leads to.
 *
 * @param stage what the rollout as a whole is doing inside its phase
 * @param conclusion the phase that it ends in, once that is decided
 * @param detail the one thing it waits for or that decided it, in a sentence
 * @param wakeAt when it looks again by itself
 */
public record RolloutStatus(
        Phase phase,
        Intent intent,
        Stage stage,
        @Nullable PauseReason pauseReason,
        @Nullable Phase conclusion,
        String detail,
        Instant createdAt,
        Instant since,
        @Nullable Instant wakeAt,
        @Nullable Instant finishedAt) {

    /** What the rollout as a whole is doing inside its phase. */
    public enum Stage {
        /** Not started. */
        WAITING,
        /** Asks every instance whether it would take the configuration. */
        EXAMINING,
        /** Has the pool admit the old and the new configuration. */
        ADMITTING,
        /** Works on instances. */
        WALKING,
        /** Looks at the pool to choose the next batch. */
        SURVEYING,
        /** Waits for a time: a bake, or to look again. */
        RESTING,
        /** Has the pool admit what the fleet now runs, and removes holds that nobody needs. */
        CONCLUDING,
        /** Observes the fleet after a restart of the engine. */
        RECOVERING,
        OVER
    }

    public static RolloutStatus pending(Instant now) {
        return new RolloutStatus(
                Phase.PENDING, Intent.FORWARD, Stage.WAITING, null, null, "accepted", now, now, null, null);
    }

    /** Moves to {@code next}; a terminal phase is also finished. */
    public RolloutStatus to(Phase next, Stage nextStage, String why, Instant now) {
        return new RolloutStatus(
                next,
                intent,
                nextStage,
                null,
                conclusion,
                why,
                createdAt,
                next == phase ? since : now,
                null,
                next.isTerminal() ? now : null);
    }

    public RolloutStatus at(Stage nextStage, String why) {
        return new RolloutStatus(
                phase, intent, nextStage, pauseReason, conclusion, why, createdAt, since, null, finishedAt);
    }

    public RolloutStatus paused(PauseReason reason, String why, Instant now) {
        RolloutStatus moved = to(Phase.PAUSED, Stage.RESTING, why, now);
        return new RolloutStatus(
                moved.phase, intent, moved.stage, reason, conclusion, why, createdAt, moved.since, null, null);
    }

    /** Will pause as soon as nobody is worked on any more. */
    public RolloutStatus pausing(PauseReason reason, String why) {
        return new RolloutStatus(phase, intent, stage, reason, conclusion, why, createdAt, since, null, finishedAt);
    }

    public RolloutStatus waking(Instant at) {
        return new RolloutStatus(
                phase, intent, Stage.RESTING, pauseReason, conclusion, detail, createdAt, since, at, finishedAt);
    }

    public RolloutStatus asking(Intent next) {
        return new RolloutStatus(
                phase, next, stage, pauseReason, conclusion, detail, createdAt, since, wakeAt, finishedAt);
    }

    public RolloutStatus concluding(@Nullable Phase end) {
        return new RolloutStatus(phase, intent, stage, pauseReason, end, detail, createdAt, since, wakeAt, finishedAt);
    }
}
