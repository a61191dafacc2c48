package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.driver.Examiner.Examined;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.driver.TrafficControl.PoolRef;
import io.sluice.rollout.engine.Action;
import io.sluice.rollout.engine.Event;
import io.sluice.rollout.engine.Observation;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.Step;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What concerns the rollout as a whole: the pre-flight, what the pool admits, looking at the pool, observing after a restart. */
final class FleetWork {
    /** How long the pre-flight waits for an instance; one that is away gets its chance at the end of the walk. */
    private static final Duration EXAMINE = Duration.ofSeconds(1);

    private final Fleet fleet;
    private final Examiner examiner;

    FleetWork(Fleet fleet) {
        this.fleet = fleet;
        this.examiner = new Examiner(fleet.instances());
    }

    /** One task of one rollout; {@code wanted} turns false when it asks for another. */
    record Task(Rollout rollout, long epoch, BooleanSupplier wanted) {
        PoolRef pool() {
            return new PoolRef(rollout.spec().pool(), epoch);
        }

        String lane() {
            return "pool " + rollout.spec().pool();
        }
    }

    Future<Event> examine(Task task) {
        Future<JsonNode> document =
                onEngine(fleet.documents().get(task.rollout().spec().configHash()));
        return Future.all(view(task, within(reach(task))), document).compose(both -> {
            PoolView view = both.resultAt(0);
            ConfigUpdateRequest question = Examiner.question(
                    task.rollout().spec().type(),
                    both.resultAt(1),
                    task.rollout().holder());
            List<Future<Examined>> answers = InstanceRef.all(view).stream()
                    .map(instance -> examine(task, instance, question))
                    .toList();
            return Future.all(answers)
                    .compose(all -> storeTarget(all.list()).map((Event) new Event.Examined(view, Examiner.said(all))));
        });
    }

    private Future<Examined> examine(Task task, InstanceRef instance, ConfigUpdateRequest question) {
        return until(task, within(EXAMINE), () -> onEngine(examiner.ask(instance, question)))
                .otherwise(failure -> Examiner.silent(instance, failure));
    }

    /** So that it can be given to any instance, also after the rollout. */
    private Future<Void> storeTarget(List<Examined> all) {
        return all.stream()
                .flatMap(examined -> examined.result().stream())
                .findFirst()
                .map(target -> {
                    fleet.crash().reached("before document");
                    return onEngine(fleet.documents().put(target.hash(), target.json()))
                            .onSuccess(stored -> fleet.crash().reached("after document"));
                })
                .orElse(Future.succeededFuture());
    }

    Future<Event> admit(Task task, List<String> hashes) {
        return until(task, within(proxy(task)), this::mayNarrow, () -> accept(task, hashes))
                .map(new Event.Admitted());
    }

    Future<Event> survey(Task task) {
        return view(task, within(reach(task))).map(Event.Surveyed::new);
    }

    Future<Event> conclude(Task task, Action.Conclude conclusion) {
        Instant deadline = within(proxy(task));
        return until(task, deadline, this::mayNarrow, () -> accept(task, conclusion.hashes()))
                .compose(view -> sweep(task, deadline, view, conclusion.keepHeld()))
                .map(new Event.Concluded());
    }

    /** The pool refuses to admit less while that would cost it too many backends; their probes may just be old. */
    private boolean mayNarrow(Throwable failure) {
        return WorkException.isRetryable(failure)
                || (failure instanceof ControlException control && control.kind() == ControlException.Kind.FLOOR);
    }

    private Future<PoolView> accept(Task task, List<String> hashes) {
        String author = "rollout " + task.rollout().id();
        return fleet.lanes()
                .change(
                        task.lane(),
                        "accept",
                        task.wanted(),
                        () -> view(task)
                                .compose(view -> new HashSet<>(view.acceptedConfiguration())
                                                .equals(new HashSet<>(hashes))
                                        ? Future.succeededFuture(view)
                                        : onEngine(fleet.traffic().acceptConfiguration(task.pool(), hashes, author))));
    }

    private Future<Void> sweep(Task task, Instant deadline, PoolView view, Set<String> keepHeld) {
        String holder = task.rollout().holder();
        Future<Void> done = Future.succeededFuture();
        for (BackendView backend : view.backends()) {
            boolean needless = isHeld(backend, holder) && !keepHeld.contains(backend.id());
            if (needless) {
                done = done.compose(before -> until(
                                task,
                                deadline,
                                () -> fleet.lanes()
                                        .change(
                                                task.lane(),
                                                "sweep " + backend.id(),
                                                task.wanted(),
                                                () -> onEngine(fleet.traffic()
                                                        .removeHold(task.pool(), backend.id(), holder)))))
                        .mapEmpty();
            }
        }
        return done;
    }

    /** Waits for the proxy for as long as it takes: without it nothing can be decided. */
    Future<Event> observe(Task task, Duration away) {
        return until(task, Instant.MAX, this::mayPass, () -> view(task)).compose(view -> {
            List<Future<Observation>> answers = task.rollout().steps().stream()
                    .filter(FleetWork::isWorthALook)
                    .map(step -> observe(task, step, view))
                    .toList();
            return Future.all(answers).map(all -> (Event) new Event.Observed(view, all.list(), away));
        });
    }

    private boolean mayPass(Throwable failure) {
        return !(failure instanceof ControlException control && control.kind() == ControlException.Kind.STALE_EPOCH);
    }

    private static boolean isWorthALook(InstanceStep step) {
        return step.isInFlight()
                || step.reached() == Step.DONE
                || (step.reached() == Step.COMPENSATED && step.touched());
    }

    private Future<Observation> observe(Task task, InstanceStep step, PoolView view) {
        Optional<BackendView> found = view.backends().stream()
                .filter(b -> b.id().equals(step.backend()))
                .findFirst();
        if (found.isEmpty()) {
            return Future.succeededFuture(new Observation(step.backend(), false, false, null, false));
        }
        boolean held = isHeld(found.get(), task.rollout().holder());
        Observation silent = new Observation(step.backend(), true, held, null, false);
        if (found.get().adminUrl() == null) {
            return Future.succeededFuture(silent);
        }
        InstanceRef instance = new InstanceRef(step.backend(), found.get().adminUrl());
        return until(
                        task,
                        within(reach(task)),
                        () -> onEngine(fleet.instances().version(instance))
                                .compose(version -> onEngine(fleet.instances().health(instance))
                                        .map(health -> new Observation(
                                                step.backend(),
                                                true,
                                                held,
                                                version.hash(),
                                                InstanceWork.checksPass(health)))))
                .otherwise(silent);
    }

    private static boolean isHeld(BackendView backend, String holder) {
        return backend.holds().stream().anyMatch(hold -> hold.name().equals(holder));
    }

    private Future<PoolView> view(Task task) {
        return onEngine(fleet.traffic().pool(task.pool()));
    }

    private Future<PoolView> view(Task task, Instant deadline) {
        return until(task, deadline, () -> view(task));
    }

    private static Duration reach(Task task) {
        return task.rollout().spec().deadlines().reach();
    }

    private static Duration proxy(Task task) {
        return task.rollout().spec().deadlines().proxy();
    }

    private Instant within(Duration patience) {
        return fleet.clock().instant().plus(patience);
    }

    private <T> Future<T> until(Task task, Instant deadline, Supplier<Future<T>> attempt) {
        return until(task, deadline, WorkException::isRetryable, attempt);
    }

    private <T> Future<T> until(
            Task task, Instant deadline, Predicate<Throwable> retryable, Supplier<Future<T>> attempt) {
        return fleet.patience().until(deadline, task.wanted(), retryable, attempt);
    }

    private <T> Future<T> onEngine(Future<T> call) {
        return fleet.patience().onEngine(call);
    }
}
