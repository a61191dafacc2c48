package io.sluice.rollout.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.plan.Evidence;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import io.sluice.rollout.plan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code sluice_rollouts_total} by result, {@code sluice_rollouts_running}, {@code sluice_rollout_step_seconds} by step, {@code
 * sluice_rollout_instance_failures_total} and {@code sluice_catch_ups_total} by result. How long a step took is the time between its proof
 * and the one before, so it is right also when the proofs come in one change. Called on the engine's context only.
 */
public final class RolloutMetrics {
    private static final Map<Class<? extends Proof>, Step> STEPS = Map.ofEntries(
            Map.entry(Proof.Prechecked.class, Step.PRECHECK),
            Map.entry(Proof.Held.class, Step.HOLD_ADDED),
            Map.entry(Proof.Latched.class, Step.LATCHED),
            Map.entry(Proof.InstanceDrained.class, Step.INSTANCE_DRAINED),
            Map.entry(Proof.Applied.class, Step.APPLYING),
            Map.entry(Proof.Verified.class, Step.CONFIG_VERIFIED),
            Map.entry(Proof.Undrained.class, Step.UNDRAINED),
            Map.entry(Proof.Healthy.class, Step.HEALTHY),
            Map.entry(Proof.Released.class, Step.HOLD_REMOVED),
            Map.entry(Proof.InService.class, Step.IN_SERVICE),
            Map.entry(Proof.Settled.class, Step.SETTLED));

    private final MeterRegistry registry;
    private final Counter failures;

    /** By rollout and backend: what was counted already, for rollouts that are not over. */
    private final Map<String, Map<String, Counted>> counted = new HashMap<>();

    private record Counted(int walks, int proofs, boolean failed) {
        static final Counted NOTHING = new Counted(0, 0, false);
    }

    public RolloutMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.failures = Counter.builder("sluice.rollout.instance.failures")
                .description("Instances at which a rollout failed")
                .register(registry);
        for (Phase phase : Phase.values()) {
            if (phase.isTerminal()) {
                rollouts(phase);
            }
        }
    }

    /** Counts from now on what {@code engine} does; running the result ends it. */
    public Runnable observe(RolloutEngine engine) {
        Gauge.builder("sluice.rollouts.running", engine, RolloutMetrics::running)
                .description("Rollouts that are not over")
                .register(registry);
        return engine.subscribe(this::accept);
    }

    /** Counts one instance that was brought up to date, or not. */
    public void caughtUp(boolean succeeded) {
        Counter.builder("sluice.catch.ups")
                .description("Instances brought up to date outside of rollouts")
                .tag("result", succeeded ? "succeeded" : "failed")
                .register(registry)
                .increment();
    }

    private static double running(RolloutEngine engine) {
        return engine.list().stream().filter(rollout -> !rollout.isOver()).count();
    }

    private void accept(RolloutEvent event) {
        Rollout rollout = event.rollout();
        Map<String, Counted> before = counted.computeIfAbsent(rollout.id(), id -> new HashMap<>());
        for (String backend : event.changed()) {
            rollout.step(backend).ifPresent(step -> count(step, before));
        }
        if (rollout.isOver()) {
            counted.remove(rollout.id());
            rollouts(rollout.phase()).increment();
        }
    }

    private Counter rollouts(Phase result) {
        return Counter.builder("sluice.rollouts")
                .description("Rollouts that are over")
                .tag("result", label(result))
                .register(registry);
    }

    private void count(InstanceStep step, Map<String, Counted> before) {
        Counted known = before.getOrDefault(step.backend(), Counted.NOTHING);
        boolean failed = step.failure() != null;
        if (failed && !known.failed()) {
            failures.increment();
        }
        List<Evidence> walks = step.evidence();
        int proofs = 0;
        for (int i = Math.max(0, known.walks() - 1); i < walks.size(); i++) {
            boolean sameWalk = i == known.walks() - 1;
            proofs = walks.get(i).proofs().size();
            time(walks.get(i), sameWalk ? known.proofs() : 0);
        }
        before.put(step.backend(), new Counted(walks.size(), proofs, failed));
    }

    private void time(Evidence walk, int alreadyCounted) {
        List<Proof> proofs = walk.proofs();
        for (int i = alreadyCounted; i < proofs.size(); i++) {
            Instant from = i == 0 ? walk.startedAt() : proofs.get(i - 1).at();
            Duration took = Duration.between(from, proofs.get(i).at());
            Timer.builder("sluice.rollout.step")
                    .description("How long instances took to each step")
                    .tag("step", label(step(proofs.get(i))))
                    .register(registry)
                    .record(took.isNegative() ? Duration.ZERO : took);
        }
    }

    private static Step step(Proof proof) {
        Step step = STEPS.get(proof.getClass());
        if (step == null) {
            throw new IllegalStateException("no step is proven by " + proof);
        }
        return step;
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
