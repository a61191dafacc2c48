package io.sluice.rollout.engine;

import io.sluice.rollout.plan.Rollout;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The engine's one decision: a state and what happened to it give the next state and what to do. Pure, so that every path can be tried
 * without a fleet. The caller stores the next state before it does anything, and tells how each action ended as a new event.
 *
 * <p>Invariants: the intent only rises (but for a resume); no change is begun before its pre-image was proven to be stored; an action is
 * asked for only together with the state that says so; in flight, an instance has exactly one piece of work, told apart by its attempt.
 */
public final class RolloutMachine {
    private final Duration maxAway;

    /** An engine that was away for longer than {@code maxAway} does not go on forward by itself. */
    public RolloutMachine(Duration maxAway) {
        this.maxAway = maxAway;
    }

    public Decision decide(Rollout rollout, Event event, Instant now) {
        if (rollout.isOver()) {
            return new Decision(rollout, List.of());
        }
        Turn turn = new Turn(rollout, now, maxAway);
        event.tell(turn);
        return turn.decision();
    }
}
