package io.sluice.rollout.plan;

import java.util.List;

/**
 * One stored change of one rollout.
 *
 * @param sequence the journal's, rising over all rollouts and restarts: the id of the event in a stream
 * @param rollout as it is after the change
 * @param changed the backends whose step differs from before
 */
public record RolloutEvent(long sequence, Rollout rollout, List<String> changed) {
    public RolloutEvent {
        changed = List.copyOf(changed);
    }
}
