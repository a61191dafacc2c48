package io.sluice.rollout.engine;

import io.sluice.rollout.plan.Rollout;
import java.util.List;

/** The next state, to be stored first, and what to do then. */
public record Decision(Rollout rollout, List<Action> actions) {
    public Decision {
        actions = List.copyOf(actions);
    }
}
