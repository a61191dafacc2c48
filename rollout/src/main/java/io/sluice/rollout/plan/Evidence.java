package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.sluice.rollout.plan.Proof.Applied;
import io.sluice.rollout.plan.Proof.Healthy;
import io.sluice.rollout.plan.Proof.Held;
import io.sluice.rollout.plan.Proof.InService;
import io.sluice.rollout.plan.Proof.InstanceDrained;
import io.sluice.rollout.plan.Proof.Latched;
import io.sluice.rollout.plan.Proof.Prechecked;
import io.sluice.rollout.plan.Proof.Released;
import io.sluice.rollout.plan.Proof.Settled;
import io.sluice.rollout.plan.Proof.Undrained;
import io.sluice.rollout.plan.Proof.Verified;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What shows that one walk of one instance lost nothing: the proof of each step that was reached, in the order of the walk. */
public record Evidence(
        Goal goal,
        Instant startedAt,
        @Nullable Prechecked precheck,
        @Nullable Held hold,
        @Nullable Latched latch,
        @Nullable InstanceDrained instanceDrain,
        @Nullable Applied apply,
        @Nullable Verified verify,
        @Nullable Undrained undrain,
        @Nullable Healthy health,
        @Nullable Released release,
        @Nullable InService inService,
        @Nullable Settled settled) {

    public static Evidence none(Goal goal, Instant startedAt) {
        return new Evidence(goal, startedAt, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** The same with {@code proof} in its place; an earlier one of the same step is replaced. */
    public Evidence with(Proof proof) {
        return new Evidence(
                goal,
                startedAt,
                pick(Prechecked.class, proof, precheck),
                pick(Held.class, proof, hold),
                pick(Latched.class, proof, latch),
                pick(InstanceDrained.class, proof, instanceDrain),
                pick(Applied.class, proof, apply),
                pick(Verified.class, proof, verify),
                pick(Undrained.class, proof, undrain),
                pick(Healthy.class, proof, health),
                pick(Released.class, proof, release),
                pick(InService.class, proof, inService),
                pick(Settled.class, proof, settled));
    }

    /** Those proofs that are there, in the order of the walk. */
    @JsonIgnore
    public List<Proof> proofs() {
        return Stream.<@Nullable Proof>of(
                        precheck,
                        hold,
                        latch,
                        instanceDrain,
                        apply,
                        verify,
                        undrain,
                        health,
                        release,
                        inService,
                        settled)
                .<Proof>mapMulti((proof, sink) -> {
                    if (proof != null) {
                        sink.accept(proof);
                    }
                })
                .toList();
    }

    private static <T extends Proof> @Nullable T pick(Class<T> kind, Proof proof, @Nullable T current) {
        return kind.isInstance(proof) ? kind.cast(proof) : current;
    }
}
