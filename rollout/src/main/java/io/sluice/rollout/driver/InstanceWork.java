package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigVersion;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.HealthReport;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.engine.Failure;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.HealthGate;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Proof.Applied;
import io.sluice.rollout.plan.Proof.Healthy;
import io.sluice.rollout.plan.Proof.InstanceDrained;
import io.sluice.rollout.plan.Proof.Prechecked;
import io.sluice.rollout.plan.Proof.Undrained;
import io.sluice.rollout.plan.Proof.Verified;
import io.sluice.rollout.plan.RolloutSpec;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The steps that are done at the instance: its drain, its configuration, its health. */
final class InstanceWork {
    /** A long poll is renewed this often, so that one that got stuck does not cost the whole deadline. */
    private static final Duration POLL = Duration.ofSeconds(10);

    private final Fleet fleet;
    private final Predicate<String> isOver;

    /** @param isOver whether a rollout, named by its holder, has ended */
    InstanceWork(Fleet fleet, Predicate<String> isOver) {
        this.fleet = fleet;
        this.isOver = isOver;
    }

    /** Stores what the instance runs, and makes sure that it would end where all end. */
    Future<Proof> precheck(Work work) {
        return until(
                work,
                () -> Future.all(
                                onEngine(fleet.traffic().pool(work.pool())),
                                onEngine(fleet.instances().health(work.instance())),
                                imaged(work))
                        .map(all -> {
                            PoolView view = all.resultAt(0);
                            HealthReport health = all.resultAt(1);
                            List<String> found = work.backend(view).holds().stream()
                                    .map(HoldView::name)
                                    .filter(name -> name.equals(work.rollout().holder()) || isOver.test(name))
                                    .toList();
                            return new Prechecked(all.resultAt(2), health.status(), found, now());
                        }));
    }

    private Future<PreImage> imaged(Work work) {
        return Future.all(
                        onEngine(fleet.instances().documents(work.instance())),
                        onEngine(fleet.documents().get(work.rollout().spec().configHash())))
                .compose(both -> {
                    Bundle now = Bundle.of(both.resultAt(0));
                    refuseStrangers(work, now, both.resultAt(1));
                    PreImage image = now.image();
                    fleet.crash().reached("before document");
                    return onEngine(fleet.documents().put(now.hash(), now.json()))
                            .onSuccess(stored -> fleet.crash().reached("after document"))
                            .map(image);
                });
    }

    private static void refuseStrangers(Work work, Bundle now, JsonNode document) {
        String target = work.rollout().requirePlan().targetHash();
        PreImage before = work.step().preImage();
        boolean known =
                now.hash().equals(target) || (before != null && now.hash().equals(before.hash()));
        if (work.step().goal() == Goal.RESTORE && !known) {
            throw WorkException.ended(
                    Failure.Kind.WRONG_CONFIGURATION,
                    "runs " + now.hash() + ", which is not ours to replace",
                    now.hash());
        }
        String result = now.with(work.rollout().spec().type(), document).hash();
        if (work.step().goal() == Goal.UPDATE && !result.equals(target)) {
            throw WorkException.ended(
                    Failure.Kind.CONFLICT,
                    "would run " + result + " and not " + target + ": its other document differs",
                    now.hash());
        }
    }

    /** No grace: the proxy keeps traffic away already. */
    Future<Proof> drain(Work work) {
        String holder = work.rollout().holder();
        DrainRequest request = new DrainRequest(holder, 0L, null);
        return until(
                work,
                () -> onEngine(fleet.instances().drainStatus(work.instance()))
                        .compose(status -> status.holders().contains(holder)
                                ? Future.succeededFuture(status)
                                : change(work, "drain", () -> fleet.instances().drain(work.instance(), request)))
                        .compose(status -> status.inFlight() == 0
                                ? Future.succeededFuture(status)
                                : onEngine(fleet.instances().awaitDrained(work.instance(), patience(work))))
                        .compose(status -> drained(status, holder)));
    }

    private Future<Proof> drained(DrainStatus status, String holder) {
        return status.inFlight() == 0 && status.holders().contains(holder)
                ? Future.succeededFuture(new InstanceDrained(status.inFlight(), status.holders(), now()))
                : Future.failedFuture(WorkException.notYet(
                        Failure.Kind.DRAIN_TIMED_OUT, status.inFlight() + " requests are still running"));
    }

    private Duration patience(Work work) {
        Duration left = Duration.between(now(), work.deadline());
        return left.compareTo(POLL) > 0 ? POLL : left.isNegative() ? Duration.ZERO : left;
    }

    /** Asks what it runs first, so that a change which was begun before is not sent blindly again. */
    Future<Proof> apply(Work work) {
        return until(
                work,
                () -> onEngine(fleet.instances().version(work.instance())).compose(version -> {
                    if (version.hash().equals(work.wantedHash())) {
                        return Future.succeededFuture(new Applied(version.hash(), version.hash(), false, now()));
                    }
                    Optional<Prechecked> checked = work.proof(proofs -> proofs.precheck());
                    boolean strange = work.step().goal() == Goal.UPDATE
                            && checked.isPresent()
                            && !checked.get().preImage().hash().equals(version.hash());
                    return strange
                            ? Future.failedFuture(WorkException.ended(
                                    Failure.Kind.CONFLICT,
                                    "was changed by somebody else to " + version.hash(),
                                    version.hash()))
                            : send(work, version);
                }));
    }

    private Future<Proof> send(Work work, ConfigVersion version) {
        return document(work)
                .compose(document -> change(
                        work,
                        "apply",
                        () -> fleet.instances()
                                .update(work.instance(), request(work, document, version))
                                .recover(failure -> Future.failedFuture(sending(failure)))))
                .map(result -> new Applied(version.hash(), result.hash(), result.changed(), now()));
    }

    /** Only a change that certainly did not arrive may be sent again without a question. */
    private static Throwable sending(Throwable failure) {
        if (!(failure instanceof ControlException control)) {
            return failure;
        }
        String detail = String.valueOf(control.getMessage());
        return switch (control.kind()) {
            case UNKNOWN_OUTCOME -> WorkException.ended(Failure.Kind.UNKNOWN_OUTCOME, detail);
            case CONFLICT -> WorkException.notYet(Failure.Kind.CONFLICT, detail);
            case UNREACHABLE, INVALID, FLOOR, STALE_EPOCH, NOT_FOUND, REFUSED -> control;
        };
    }

    private Future<JsonNode> document(Work work) {
        String hash = work.step().goal() == Goal.RESTORE
                ? work.wantedHash()
                : work.rollout().spec().configHash();
        return onEngine(fleet.documents().get(hash));
    }

    private static ConfigUpdateRequest request(Work work, JsonNode document, ConfigVersion version) {
        RolloutSpec spec = work.rollout().spec();
        ConfigType type = work.step().goal() == Goal.RESTORE ? ConfigType.BUNDLE : spec.type();
        String replaced = switch (type) {
            case WEBHOOKS -> version.webhooksVersion();
            case CONNECTIONS -> version.connectionsVersion();
            case BUNDLE -> version.hash();
        };
        return new ConfigUpdateRequest(
                type, document, replaced, null, null, work.rollout().holder());
    }

    /** The instance's own word, and its checks, which tell of its health even while it is drained. */
    Future<Proof> verify(Work work) {
        return until(
                work,
                () -> Future.all(
                                onEngine(fleet.instances().version(work.instance())),
                                onEngine(fleet.instances().health(work.instance())))
                        .map(both -> verified(work, both.resultAt(0), both.resultAt(1))));
    }

    private Proof verified(Work work, ConfigVersion version, HealthReport health) {
        if (!version.hash().equals(work.wantedHash())) {
            throw WorkException.ended(Failure.Kind.WRONG_CONFIGURATION, "reports " + version.hash(), version.hash());
        }
        if (!checksPass(health)) {
            throw WorkException.notYet(Failure.Kind.UNHEALTHY, failedChecks(health));
        }
        return new Verified(version.hash(), version.generation(), now());
    }

    Future<Proof> undrain(Work work) {
        return until(work, () -> undrainAll(work, work.holders().iterator())).map(status -> {
            List<String> others = status.holders().stream()
                    .filter(holder -> !work.holders().contains(holder))
                    .toList();
            return new Undrained(others, now());
        });
    }

    private Future<DrainStatus> undrainAll(Work work, Iterator<String> holders) {
        DrainRequest request = new DrainRequest(holders.next(), null, null);
        return change(work, "undrain", () -> fleet.instances().undrain(work.instance(), request))
                .compose(status -> holders.hasNext() ? undrainAll(work, holders) : Future.succeededFuture(status));
    }

    /** Probes follow each other at once; only after one that failed is there a pause. */
    Future<Proof> heal(Work work) {
        HealthGate gate = work.rollout().spec().health();
        Samples samples = new Samples(gate.of());
        return until(work, () -> sampled(work, samples));
    }

    private Future<Proof> sampled(Work work, Samples samples) {
        int needed = work.rollout().spec().health().passes();
        return sample(work)
                .compose(
                        passed -> {
                            samples.add(true);
                            return samples.passed() >= needed
                                    ? Future.succeededFuture(new Healthy(samples.passed(), samples.taken(), now()))
                                    : sampled(work, samples);
                        },
                        failure -> {
                            samples.add(false);
                            return Future.failedFuture(failure);
                        });
    }

    private Future<Void> sample(Work work) {
        boolean drainedByOthers = work.proof(proofs -> proofs.undrain())
                .map(undrained -> !undrained.otherHolders().isEmpty())
                .orElse(false);
        Future<Void> health = onEngine(fleet.instances().health(work.instance()))
                .compose(report -> (drainedByOthers ? checksPass(report) : isServing(report))
                        ? Future.succeededFuture()
                        : Future.failedFuture(WorkException.notYet(
                                Failure.Kind.UNHEALTHY, "is " + report.status() + ": " + failedChecks(report))));
        return drainedByOthers ? health : Future.all(health, probe(work)).mapEmpty();
    }

    private Future<Void> probe(Work work) {
        return onEngine(fleet.traffic().probe(work.pool(), work.step().backend()))
                .compose(probe -> probe.passed() && work.isWanted(probe.configHash())
                        ? Future.succeededFuture()
                        : Future.failedFuture(WorkException.notYet(
                                Failure.Kind.UNHEALTHY, "a probe over the data path got " + probe.status())));
    }

    static boolean checksPass(HealthReport health) {
        return health.checks().values().stream().noneMatch(check -> "fail".equals(check.status()));
    }

    private static boolean isServing(HealthReport health) {
        return "healthy".equals(health.status()) || "degraded".equals(health.status());
    }

    private static String failedChecks(HealthReport health) {
        List<String> failed = health.checks().entrySet().stream()
                .filter(check -> "fail".equals(check.getValue().status()))
                .map(check -> check.getKey() + " fails"
                        + Optional.ofNullable(check.getValue().detail())
                                .map(d -> " (" + d + ")")
                                .orElse(""))
                .toList();
        return failed.isEmpty() ? health.message() : String.join(", ", failed);
    }

    private <T> Future<T> change(Work work, String verb, Supplier<Future<T>> call) {
        String what = verb + " " + work.step().backend();
        return fleet.lanes().change(work.instanceLane(), what, work.wanted(), () -> onEngine(call.get()));
    }

    private <T> Future<T> until(Work work, Supplier<Future<T>> attempt) {
        return fleet.patience()
                .until(
                        work.deadline(),
                        work.wanted(),
                        WorkException::isRetryable,
                        () -> attempt.get().onFailure(work.lastWord()::hear));
    }

    private <T> Future<T> onEngine(Future<T> call) {
        return fleet.patience().onEngine(call);
    }

    private Instant now() {
        return fleet.clock().instant();
    }
}
