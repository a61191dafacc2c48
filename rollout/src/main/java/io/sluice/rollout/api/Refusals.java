package io.sluice.rollout.api;

import io.sluice.rollout.driver.ControlException;
import io.sluice.rollout.driver.RolloutException;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.Future;
import java.util.List;

/** What callers are told when the engine or the proxy says no. */
final class Refusals {
    private Refusals() {}

    /** The failure as a problem where it is a refusal; a bug stays what it is. */
    static <T> Future<T> translated(Throwable failure) {
        if (failure instanceof RolloutException refusal) {
            return Future.failedFuture(problem(refusal).asException());
        }
        if (failure instanceof ControlException control) {
            return Future.failedFuture(problem(control).asException());
        }
        return Future.failedFuture(failure);
    }

    static RuntimeException unknownRollout(String id) {
        return Problem.notFound("no rollout " + id).asException();
    }

    static RuntimeException invalid(String detail) {
        return Problem.invalidRequest(List.of(new ProblemError("", detail))).asException();
    }

    private static Problem problem(RolloutException refusal) {
        Problem problem = switch (refusal.kind()) {
            case POOL_BUSY -> Problem.of("pool-busy", 409, "Another rollout of the pool is not over");
            case TERMINAL -> Problem.of("rollout-over", 409, "The rollout is over");
            case NOT_APPLICABLE -> Problem.of("not-applicable", 409, "The action does not fit the phase");
            case KEY_REUSED -> Problem.of("idempotency-key-reused", 422, "The key was used for another request");
            case NOT_FOUND -> Problem.of("not-found", 404, "Not found");
            case UNAVAILABLE -> Problem.of("engine-unavailable", 503, "The engine cannot act now");
        };
        problem = problem.withDetail(String.valueOf(refusal.getMessage()));
        String id = refusal.rolloutId();
        return id == null ? problem : problem.with("rolloutId", id);
    }

    private static Problem problem(ControlException refusal) {
        Problem problem = switch (refusal.kind()) {
            case UNREACHABLE, UNKNOWN_OUTCOME -> Problem.of("proxy-unreachable", 503, "The proxy does not answer");
            case NOT_FOUND -> Problem.of("unknown-pool", 404, "The proxy has no such pool");
            case STALE_EPOCH -> Problem.of("stale-epoch", 503, "A newer engine reigns");
            case INVALID, CONFLICT, FLOOR, REFUSED ->
                Problem.of("proxy-refused", 502, "The proxy refused the engine's call");
        };
        return problem.withDetail(String.valueOf(refusal.getMessage()));
    }
}
