package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A rollout at one moment.
 *
 * @param version rises by one with each stored change; the ETag
 * @param epoch the reign of the engine that made the last change
 * @param plan absent until the pre-flight has passed
 * @param problems why it was rejected
 * @param recovery what the last restart found, one line per touched instance
 */
public record Rollout(
        String id,
        long version,
        long epoch,
        RolloutSpec spec,
        RolloutStatus status,
        @Nullable FleetPlan plan,
        List<RolloutProblem> problems,
        List<String> recovery,
        List<InstanceStep> steps) {
    public Rollout {
        problems = List.copyOf(problems);
        recovery = List.copyOf(recovery);
        steps = List.copyOf(steps);
    }

    /** The name of our hold at the proxy, and of our drain at the instances. */
    public static String holderOf(String rolloutId) {
        return "rollout:" + rolloutId;
    }

    @JsonIgnore
    public String holder() {
        return holderOf(id);
    }

    @JsonIgnore
    public Phase phase() {
        return status.phase();
    }

    @JsonIgnore
    public Intent intent() {
        return status.intent();
    }

    @JsonIgnore
    public boolean isOver() {
        return status.phase().isTerminal();
    }

    @JsonIgnore
    public boolean isInFlight() {
        return steps.stream().anyMatch(InstanceStep::isInFlight);
    }

    /** The plan; the pre-flight must have passed. */
    public FleetPlan requirePlan() {
        if (plan == null) {
            throw new IllegalStateException(id + " has no plan in " + status.phase());
        }
        return plan;
    }

    public Optional<InstanceStep> step(String backend) {
        return steps.stream().filter(step -> step.backend().equals(backend)).findFirst();
    }

    public Rollout with(RolloutStatus next) {
        return new Rollout(id, version, epoch, spec, next, plan, problems, recovery, steps);
    }

    public Rollout withSteps(List<InstanceStep> next) {
        return new Rollout(id, version, epoch, spec, status, plan, problems, recovery, next);
    }

    /** The same with {@code next} in place of the step of the same backend. */
    public Rollout with(InstanceStep next) {
        return withSteps(steps.stream()
                .map(step -> step.backend().equals(next.backend()) ? next : step)
                .toList());
    }

    public Rollout with(FleetPlan next) {
        return new Rollout(id, version, epoch, spec, status, next, problems, recovery, steps);
    }

    public Rollout withProblems(List<RolloutProblem> next) {
        return new Rollout(id, version, epoch, spec, status, plan, next, recovery, steps);
    }

    public Rollout withRecovery(List<String> next) {
        return new Rollout(id, version, epoch, spec, status, plan, problems, next, steps);
    }

    public Rollout numbered(long nextVersion, long byEpoch) {
        return new Rollout(id, nextVersion, byEpoch, spec, status, plan, problems, recovery, steps);
    }
}
