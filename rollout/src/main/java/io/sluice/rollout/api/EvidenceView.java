package io.sluice.rollout.api;

import io.sluice.rollout.plan.Evidence;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The proof that a rollout lost nothing: a summary, and for each instance what was seen at each step. */
record EvidenceView(
        String rollout,
        String pool,
        Phase phase,
        @Nullable String targetHash,
        Summary summary,
        List<InstanceEvidence> instances) {

    /**
     * Counts over all walks of all instances.
     *
     * @param drained walks on which the proxy's drain ended with nothing in flight
     * @param requestsCut requests that were broken off for a drain
     * @param onTarget instances whose last report is the target
     */
    record Summary(int instances, int touched, int drained, long requestsCut, int onTarget) {}

    record InstanceEvidence(String id, Step step, @Nullable PreImage preImage, List<Evidence> walks) {}

    static EvidenceView of(Rollout rollout) {
        String target = rollout.plan() == null ? null : rollout.plan().targetHash();
        return new EvidenceView(
                rollout.id(),
                rollout.spec().pool(),
                rollout.phase(),
                target,
                summary(rollout.steps(), target),
                rollout.steps().stream()
                        .map(step ->
                                new InstanceEvidence(step.backend(), step.reached(), step.preImage(), step.evidence()))
                        .toList());
    }

    private static Summary summary(List<InstanceStep> steps, @Nullable String target) {
        int drained = 0;
        long cut = 0;
        int onTarget = 0;
        for (InstanceStep step : steps) {
            for (Evidence walk : step.evidence()) {
                if (walk.latch() != null) {
                    drained++;
                    cut += walk.latch().cut();
                }
            }
            String hash = InstanceView.of(step).hash();
            if (hash != null && hash.equals(target)) {
                onTarget++;
            }
        }
        int touched = (int) steps.stream().filter(InstanceStep::touched).count();
        return new Summary(steps.size(), touched, drained, cut, onTarget);
    }
}
