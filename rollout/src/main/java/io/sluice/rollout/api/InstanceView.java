package io.sluice.rollout.api;

import io.sluice.rollout.plan.Evidence;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Step;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far one instance has come in a rollout.
 *
 * @param step the last step that is proven, or how it ended
 * @param doing the step worked towards now
 * @param since when {@code step} was proven
 * @param deadline when the work towards {@code doing} fails by itself
 * @param fromHash what it ran before it was touched
 * @param hash what it reported last in this rollout
 * @param touched whether a change of its configuration was begun
 */
record InstanceView(
        String id,
        Goal goal,
        Step step,
        @Nullable Step doing,
        @Nullable Instant since,
        @Nullable Instant deadline,
        boolean touched,
        boolean inPlace,
        @Nullable String fromHash,
        @Nullable String hash,
        @Nullable String note,
        @Nullable String failure) {

    static InstanceView of(InstanceStep step) {
        return new InstanceView(
                step.backend(),
                step.goal(),
                step.reached(),
                step.doing(),
                since(step).orElse(null),
                step.deadline(),
                step.touched(),
                step.inPlace(),
                step.preImage() == null ? null : step.preImage().hash(),
                reported(step),
                step.note(),
                step.failure());
    }

    /** When the last proof of the current walk was seen, or when the walk began. */
    static Optional<Instant> since(InstanceStep step) {
        return step.latest().map(walk -> {
            List<Proof> proofs = walk.proofs();
            return proofs.isEmpty()
                    ? walk.startedAt()
                    : proofs.get(proofs.size() - 1).at();
        });
    }

    private static @Nullable String reported(InstanceStep step) {
        String reported = step.preImage() == null ? null : step.preImage().hash();
        for (Evidence walk : step.evidence()) {
            if (walk.verify() != null) {
                reported = walk.verify().hash();
            }
        }
        return reported;
    }
}
