package io.sluice.rollout.engine;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.rollout.plan.RolloutSpec;
import io.sluice.rollout.plan.UnreachablePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges what the instances said before any of them is touched: all problems at once, or a plan. Asked when a rollout is submitted, so
 * that its caller need not follow it to learn of mistakes, and again when it starts, since the fleet may have changed by then.
 */
public final class Preflight {
    /** The code of a problem that may be gone in a moment. */
    public static final String UNREACHABLE = "unreachable";

    private final RolloutSpec spec;
    private final PoolView view;
    private final List<Examination> instances;

    /** @param instances what those instances said whose admin API the pool knows */
    public Preflight(RolloutSpec spec, PoolView view, List<Examination> instances) {
        this.spec = spec;
        this.view = view;
        this.instances = instances;
    }

    /** Every reason not to start; empty when there is none. */
    public List<RolloutProblem> problems() {
        List<RolloutProblem> problems = new ArrayList<>(fleetProblems());
        problems.addAll(documentProblems());
        if (problems.isEmpty()) {
            problems.addAll(differingResults());
        }
        return problems;
    }

    /** Whether any instance said anything. */
    public boolean isAnswered() {
        return instances.stream().anyMatch(Examination::answered);
    }

    /** What instances found in the configuration, each mistake once, in the order in which it was named first, with those that found it. */
    public Map<RolloutProblem, Set<String>> mistakes() {
        Map<RolloutProblem, Set<String>> found = new LinkedHashMap<>();
        for (Examination instance : instances) {
            for (RolloutProblem problem : instance.problems()) {
                found.computeIfAbsent(named(problem, null), p -> new LinkedHashSet<>())
                        .add(instance.backend());
            }
        }
        return found;
    }

    FleetPlan plan() {
        String target = results().keySet().iterator().next();
        List<String> base = view.acceptedConfiguration().isEmpty()
                ? instances.stream()
                        .map(Examination::currentHash)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList()
                : view.acceptedConfiguration();
        Integer asked = spec.floor();
        int floor = asked == null ? Floor.byDefault(view) : asked;
        return new FleetPlan(target, base, floor, Floor.inService(view) <= 1);
    }

    List<InstanceStep> steps() {
        return view.backends().stream()
                .map(backend -> InstanceStep.queued(backend.id(), backend.adminUrl()))
                .toList();
    }

    private List<RolloutProblem> fleetProblems() {
        List<RolloutProblem> problems = new ArrayList<>();
        List<BackendView> backends = view.backends();
        if (backends.isEmpty()) {
            problems.add(RolloutProblem.of(null, "empty-pool", "pool " + view.pool() + " has no backends"));
        }
        for (BackendView backend : backends) {
            if (backend.adminUrl() == null) {
                problems.add(RolloutProblem.of(
                        backend.id(), "no-admin-url", "the pool does not say where this instance's admin API is"));
            }
        }
        Integer floor = spec.floor();
        if (floor != null && floor > backends.size()) {
            problems.add(RolloutProblem.of(
                    null, "floor-would-break", "floor: " + floor + " (expected: <= " + backends.size() + ")"));
        }
        problems.addAll(silentInstances());
        return problems;
    }

    private List<RolloutProblem> silentInstances() {
        List<Examination> silent = instances.stream().filter(i -> !i.answered()).toList();
        if (isAnswered() && spec.onUnreachable() == UnreachablePolicy.SKIP) {
            return List.of();
        }
        return silent.stream()
                .map(i -> RolloutProblem.of(i.backend(), UNREACHABLE, i.detail()))
                .toList();
    }

    private List<RolloutProblem> documentProblems() {
        long answered = instances.stream().filter(Examination::answered).count();
        List<RolloutProblem> problems = new ArrayList<>();
        mistakes()
                .forEach((problem, by) ->
                        problems.add(by.size() == answered ? problem : named(problem, String.join(", ", by))));
        return problems;
    }

    private List<RolloutProblem> differingResults() {
        Map<String, List<String>> results = results();
        if (results.size() == 1) {
            return List.of();
        }
        return results.entrySet().stream()
                .map(result -> RolloutProblem.of(
                        String.join(", ", result.getValue()),
                        "different-results",
                        "would run " + result.getKey() + ", others would not: roll out a bundle to make them alike"))
                .toList();
    }

    private Map<String, List<String>> results() {
        Map<String, List<String>> results = new LinkedHashMap<>();
        for (Examination instance : instances) {
            String result = instance.resultHash();
            if (result != null) {
                results.computeIfAbsent(result, hash -> new ArrayList<>()).add(instance.backend());
            }
        }
        return results;
    }

    private static RolloutProblem named(RolloutProblem problem, @Nullable String backend) {
        return new RolloutProblem(
                backend, problem.file(), problem.pointer(), problem.code(), problem.message(), problem.hint());
    }
}
