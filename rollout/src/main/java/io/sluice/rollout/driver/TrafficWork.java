package io.sluice.rollout.driver;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.rollout.engine.Failure;
import io.sluice.rollout.engine.Floor;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Proof.FirstSuccess;
import io.sluice.rollout.plan.Proof.Held;
import io.sluice.rollout.plan.Proof.InService;
import io.sluice.rollout.plan.Proof.Latched;
import io.sluice.rollout.plan.Proof.Released;
import io.sluice.rollout.plan.Proof.Settled;
import io.sluice.rollout.plan.RolloutSpec;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The steps that are done at the proxy: taking an instance out of service, and in again. */
final class TrafficWork {
    /** A long poll is renewed this often, so that one that got stuck does not cost the whole deadline. */
    private static final Duration POLL = Duration.ofSeconds(10);

    private final Fleet fleet;
    private final Timers timers;

    TrafficWork(Fleet fleet, Timers timers) {
        this.fleet = fleet;
        this.timers = timers;
    }

    /** Whether the backend is in the pool, as far as the proxy tells. */
    Future<Boolean> isMember(Work work) {
        return view(work)
                .map(view -> view.backends().stream()
                        .anyMatch(b -> b.id().equals(work.step().backend())))
                .otherwise(true);
    }

    Future<Proof> hold(Work work) {
        return until(work, () -> placeHold(work)).map(drain -> held(work, drain));
    }

    /** The look at the floor and the hold are one change, so that no other hold of ours comes between them. */
    private Future<DrainOperation> placeHold(Work work) {
        String backend = work.step().backend();
        String what = "hold " + backend;
        return fleet.lanes()
                .change(
                        work.poolLane(),
                        what,
                        work.wanted(),
                        () -> onEngine(fleet.traffic().pool(work.pool())).compose(view -> {
                            work.backend(view);
                            int floor = work.rollout().requirePlan().floor();
                            if (!Floor.permits(view, backend, floor)) {
                                return Future.failedFuture(
                                        WorkException.ended(Failure.Kind.FLOOR, Floor.shortage(view, floor)));
                            }
                            return onEngine(fleet.traffic()
                                    .putHold(
                                            work.pool(), backend, work.rollout().holder(), request(work)));
                        }));
    }

    private static HoldRequest request(Work work) {
        RolloutSpec spec = work.rollout().spec();
        String purpose = work.step().goal() == Goal.RESTORE ? "going back" : "changing its configuration";
        String reason = spec.reason().isBlank() ? purpose : purpose + ": " + spec.reason();
        return new HoldRequest(reason, spec.deadlines().drain());
    }

    private Proof held(Work work, DrainOperation drain) {
        return new Held(work.rollout().holder(), drain.id(), drain.revision(), drain.inFlight(), drain.bootId(), now());
    }

    Future<Proof> latch(Work work) {
        Optional<Held> held = work.proof(proofs -> proofs.hold());
        Future<String> operation = held.isPresent()
                ? Future.succeededFuture(held.get().operation())
                : placeHold(work).map(DrainOperation::id);
        return operation.compose(id -> awaitDrained(work, id));
    }

    private Future<Proof> awaitDrained(Work work, String operation) {
        return until(work, () -> onEngine(fleet.traffic().awaitOperation(operation, patience(work))))
                .recover(failure ->
                        failure instanceof ControlException control && control.kind() == ControlException.Kind.NOT_FOUND
                                ? placeHold(work)
                                : Future.failedFuture(failure))
                .compose(drain -> judged(work, drain));
    }

    private Future<Proof> judged(Work work, DrainOperation drain) {
        return switch (drain.state()) {
            case DRAINING -> awaitDrained(work, drain.id());
            case DRAINED -> {
                Instant finished = drain.finishedAt();
                yield Future.succeededFuture(new Latched(
                        drain.id(),
                        drain.revision(),
                        drain.startedAt(),
                        finished == null ? now() : finished,
                        0,
                        now()));
            }
            case TIMED_OUT ->
                Future.failedFuture(WorkException.ended(
                        Failure.Kind.DRAIN_TIMED_OUT, drain.remaining() + " requests were still running"));
            case CANCELLED ->
                Future.failedFuture(WorkException.ended(Failure.Kind.HOLD_LOST, "somebody else removed our hold"));
        };
    }

    private Duration patience(Work work) {
        Duration left = Duration.between(now(), work.deadline());
        return left.compareTo(POLL) > 0 ? POLL : left.isNegative() ? Duration.ZERO : left;
    }

    /** Removes our hold, and those of finished rollouts, and no other. */
    Future<Proof> release(Work work) {
        return until(work, () -> removeHolds(work, work.holders().iterator())).map(view -> released(work, view));
    }

    private Future<PoolView> removeHolds(Work work, Iterator<String> names) {
        String backend = work.step().backend();
        String name = names.next();
        return fleet.lanes()
                .change(
                        work.poolLane(),
                        "release " + backend,
                        work.wanted(),
                        () -> onEngine(fleet.traffic().removeHold(work.pool(), backend, name)))
                .compose(view -> names.hasNext() ? removeHolds(work, names) : Future.succeededFuture(view));
    }

    private Proof released(Work work, PoolView view) {
        BackendView backend = work.backend(view);
        return new Released(view.revision(), backend.successes(), now());
    }

    /** In service again: eligible on the wanted configuration, with a first success by traffic or else by a probe. */
    Future<Proof> confirm(Work work) {
        return until(
                work,
                () -> view(work).compose(view -> {
                    BackendView backend = work.backend(view);
                    if (isBack(work, backend) && hasServed(work, backend)) {
                        return Future.succeededFuture(new InService(FirstSuccess.TRAFFIC, null, now()));
                    }
                    return probed(work);
                }));
    }

    private Future<Proof> probed(Work work) {
        return onEngine(fleet.traffic().probe(work.pool(), work.step().backend()))
                .compose(probe -> view(work).compose(view -> {
                    BackendView backend = work.backend(view);
                    String keptOutBy = keptOutBy(work, backend);
                    boolean drainedByOthers = !drainHolders(work).isEmpty();
                    boolean passed = probe.passed() && work.isWanted(probe.configHash());
                    if ((passed || drainedByOthers) && (keptOutBy != null || isBack(work, backend))) {
                        return Future.succeededFuture(new InService(FirstSuccess.PROBE, keptOutBy, now()));
                    }
                    return Future.failedFuture(
                            WorkException.notYet(Failure.Kind.UNHEALTHY, whyNotBack(probe, backend)));
                }));
    }

    private static boolean isBack(Work work, BackendView backend) {
        return backend.eligible() && work.isWanted(backend.configHash());
    }

    private static boolean hasServed(Work work, BackendView backend) {
        return work.proof(proofs -> proofs.release())
                .map(released -> backend.successes() > released.successes())
                .orElse(false);
    }

    /** Who else keeps it out of the pool, so that it does not have to be eligible for our sake. */
    private static @Nullable String keptOutBy(Work work, BackendView backend) {
        String holds = backend.holds().stream()
                .map(HoldView::name)
                .filter(name -> !work.holders().contains(name))
                .collect(Collectors.joining(", "));
        if (!holds.isEmpty()) {
            return holds;
        }
        String drains = String.join(", ", drainHolders(work));
        return drains.isEmpty() ? null : "drain at the instance by " + drains;
    }

    private static List<String> drainHolders(Work work) {
        return work.proof(proofs -> proofs.undrain())
                .map(undrained -> undrained.otherHolders())
                .orElse(List.of());
    }

    private static String whyNotBack(ProbeResult probe, BackendView backend) {
        if (!probe.passed()) {
            String error = probe.error();
            return "a probe over the data path got " + (error == null ? "status " + probe.status() : error);
        }
        return backend.ineligibleBecause().isEmpty()
                ? "the proxy has not seen the new configuration yet"
                : String.join(", ", backend.ineligibleBecause());
    }

    /** Stays in service for the settling time, by its own later word. */
    Future<Proof> settle(Work work) {
        Promise<Proof> settled = Promise.promise();
        timers.after(
                work.rollout().spec().strategy().settle(),
                () -> confirm(work).<Proof>map(again -> new Settled(now())).onComplete(settled));
        return settled.future();
    }

    private Future<PoolView> view(Work work) {
        return onEngine(fleet.traffic().pool(work.pool()));
    }

    private <T> Future<T> until(Work work, Supplier<Future<T>> attempt) {
        return fleet.patience().until(work.deadline(), work.wanted(), WorkException::isRetryable, attempt);
    }

    private <T> Future<T> onEngine(Future<T> call) {
        return fleet.patience().onEngine(call);
    }

    private Instant now() {
        return fleet.clock().instant();
    }
}
