package io.sluice.rollout.driver;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.driver.TrafficControl.PoolRef;
import io.sluice.rollout.engine.Failure;
import io.sluice.rollout.plan.Evidence;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Rollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work on one instance.
 *
 * @param wanted whether the rollout still asks for it
 * @param lastWord how the latest try at the instance ended
 */
record Work(Rollout rollout, InstanceStep step, long epoch, BooleanSupplier wanted, LastWord lastWord) {
    PoolRef pool() {
        return new PoolRef(rollout.spec().pool(), epoch);
    }

    String poolLane() {
        return "pool " + rollout.spec().pool();
    }

    InstanceRef instance() {
        String url = step.adminUrl();
        if (url == null) {
            throw WorkException.ended(Failure.Kind.REFUSED, "the pool does not say where its admin API is");
        }
        return new InstanceRef(step.backend(), url);
    }

    String instanceLane() {
        return "instance " + step.adminUrl();
    }

    Instant deadline() {
        return Objects.requireNonNull(step.deadline(), "deadline");
    }

    /** What the instance is to run in the end. */
    String wantedHash() {
        PreImage image = step.preImage();
        return step.goal() == Goal.RESTORE && image != null
                ? image.hash()
                : rollout.requirePlan().targetHash();
    }

    /** A proof of the current walk. */
    <T> Optional<T> proof(Function<Evidence, @Nullable T> which) {
        return step.latest().flatMap(proofs -> Optional.ofNullable(which.apply(proofs)));
    }

    /** Our own name and those of finished rollouts that we take over. */
    List<String> holders() {
        List<String> names = new ArrayList<>(List.of(rollout.holder()));
        step.evidence().stream()
                .map(Evidence::precheck)
                .filter(Objects::nonNull)
                .flatMap(checked -> checked.inheritedHolds().stream())
                .filter(name -> !names.contains(name))
                .forEach(names::add);
        return names;
    }

    BackendView backend(PoolView view) {
        return view.backends().stream()
                .filter(b -> b.id().equals(step.backend()))
                .findFirst()
                .orElseThrow(() -> WorkException.ended(Failure.Kind.GONE, "is no longer in the pool"));
    }

    boolean isWanted(@Nullable String reportedHash) {
        return reportedHash == null || reportedHash.equals(wantedHash());
    }
}
