package io.sluice.cli;

import io.sluice.client.ReceivedEvent;
import java.util.List;

/** Shows how a rollout goes on. */
interface ProgressPrinter {
    /** Something happened: {@code changed} are the instances that now look different. */
    void update(ReceivedEvent event, RolloutProgress progress, List<RolloutProgress.Line> changed);
}
