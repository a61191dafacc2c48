package io.sluice.rollout.api;

import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.driver.Examiner;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.driver.RolloutEngine.Submission;
import io.sluice.rollout.driver.SubmissionKey;
import io.sluice.rollout.engine.Preflight;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.traffic.ProxyClient;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way of a new rollout into the engine: find the pool, have the instances look at the configuration, submit. What cannot succeed ends
 * here with every reason, so that the caller need not follow a rollout to learn of them; the engine asks once more when it starts. A
 * submission that was taken before is answered before anything else: whatever has changed since, the rollout exists.
 */
final class Submissions {
    private final RolloutEngine engine;
    private final ProxyClient proxy;
    private final Examiner examiner;
    private final RolloutDefaults defaults;

    Submissions(RolloutEngine engine, ProxyClient proxy, Examiner examiner, RolloutDefaults defaults) {
        this.engine = engine;
        this.proxy = proxy;
        this.examiner = examiner;
        this.defaults = defaults;
    }

    Future<Submission> submit(RolloutBody body, String author, @Nullable SubmissionKey key) {
        return Future.succeededFuture()
                .map(start -> key == null ? Optional.<Rollout>empty() : engine.submitted(key))
                .compose(known -> known.isPresent()
                        ? Future.succeededFuture(new Submission(known.get(), false))
                        : submitNew(body, author, key))
                .recover(Refusals::translated);
    }

    private Future<Submission> submitNew(RolloutBody body, String author, @Nullable SubmissionKey key) {
        if (!body.config().isObject()) {
            throw invalidConfig(List.of(
                            new ProblemError("", "not an object (expected: the document, or a bundle of both)")))
                    .asException();
        }
        return pool(body.pool()).compose(pool -> {
            RolloutRequest request = body.request(pool.pool(), author, defaults);
            return check(pool, request).compose(accepted -> engine.submit(request, key));
        });
    }

    private Future<PoolView> pool(@Nullable String name) {
        return proxy.pools().map(list -> {
            List<PoolView> pools = list.pools();
            List<PoolView> named = pools.stream()
                    .filter(pool -> name == null || pool.pool().equals(name))
                    .toList();
            if (named.size() == 1) {
                return named.get(0);
            }
            String known = String.join(", ", pools.stream().map(PoolView::pool).toList());
            throw Problem.of("unknown-pool", 422, "Which pool?")
                    .withErrors(List.of(new ProblemError(
                            "/pool", (name == null ? "missing" : name) + " (expected: one of " + known + ")")))
                    .asException();
        });
    }

    private Future<Void> check(PoolView pool, RolloutRequest request) {
        return examiner.examine(InstanceRef.all(pool), request.type(), request.config())
                .map(said -> {
                    Preflight preflight = new Preflight(request.spec(), pool, said);
                    List<RolloutProblem> problems = preflight.problems();
                    if (!problems.isEmpty()) {
                        throw refusal(preflight, problems).asException();
                    }
                    return null;
                });
    }

    private static Problem refusal(Preflight preflight, List<RolloutProblem> problems) {
        List<ProblemError> errors = problems.stream().map(Submissions::error).toList();
        if (problems.stream().allMatch(problem -> problem.code().equals(Preflight.UNREACHABLE))) {
            return (preflight.isAnswered()
                            ? Problem.of(
                                    "instance-unreachable", 503, "Not every instance can look at the configuration")
                            : Problem.of("no-instance-reachable", 503, "No instance can look at the configuration"))
                    .withErrors(errors);
        }
        List<Finding> findings = preflight.mistakes().entrySet().stream()
                .map(mistake -> Finding.of(mistake.getKey(), List.copyOf(mistake.getValue())))
                .toList();
        return (findings.isEmpty()
                        ? Problem.of("impossible-rollout", 422, "The pool cannot take this rollout")
                                .withErrors(errors)
                        : invalidConfig(errors).with("findings", findings))
                .withDetail("no instance was touched");
    }

    private static Problem invalidConfig(List<ProblemError> errors) {
        return Problem.of("invalid-config", 422, "The configuration is refused").withErrors(errors);
    }

    private static ProblemError error(RolloutProblem problem) {
        String place = problem.file().isEmpty() ? "" : problem.file() + ": ";
        String hint = problem.hint() == null ? "" : " (" + problem.hint() + ")";
        String instance = problem.backend() == null ? "" : " [" + problem.backend() + "]";
        return new ProblemError(problem.pointer(), place + problem.message() + hint + instance);
    }
}
