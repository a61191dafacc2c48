package io.sluice.proxy.admin;

import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.Refusal;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import java.util.List;

/** What a refused change is answered with. */
final class RefusalProblems {
    private RefusalProblems() {}

    /** @param single whether the request was one change, so that pointers lead into its body instead of a list of changes */
    static Problem problem(ChangeRefusedException refused, boolean single) {
        List<ProblemError> errors = refused.details().stream()
                .map(detail -> new ProblemError(pointer(detail.pointer(), single), detail.text()))
                .toList();
        Problem problem = blank(refused.refusal());
        boolean oneWithoutPlace = errors.size() == 1 && errors.get(0).pointer().isEmpty();
        return oneWithoutPlace ? problem.withDetail(errors.get(0).detail()) : problem.withErrors(errors);
    }

    private static Problem blank(Refusal refusal) {
        return switch (refusal) {
            case INVALID -> Problem.invalidRequest(List.of());
            case UNKNOWN_POOL, UNKNOWN_BACKEND, UNKNOWN_ROUTE -> Problem.of("not-found", 404, "Not found");
            case REVISION_MISMATCH -> Problem.of("revision-mismatch", 412, "It is at another revision");
            case ALREADY_EXISTS -> Problem.of("already-exists", 412, "It exists");
            case STALE_EPOCH -> Problem.of("stale-epoch", 412, "A caller with a higher epoch has taken over");
            case NOT_YOURS -> Problem.of("not-yours", 409, "The id or the address is somebody else's");
            case HELD_BY_OTHERS -> Problem.of("held-by-others", 409, "The backend carries somebody else's hold");
            case IN_USE -> Problem.of("pool-in-use", 409, "Routes lead to the pool");
            case FILE_CONFLICT -> Problem.of("file-conflict", 409, "File and API changed the same things");
            case FLOOR_WOULD_BREAK -> Problem.of("floor-would-break", 409, "Too few backends would be in service");
            case OUTCOME_UNKNOWN -> Problem.of("outcome-unknown", 503, "The change may reappear after a restart");
            case JOURNAL_UNAVAILABLE -> Problem.of("journal-unavailable", 503, "Changes cannot be kept now");
        };
    }

    /** The ids in a path are no members of the body. */
    private static String pointer(String pointer, boolean single) {
        if (!single) {
            return pointer;
        }
        String member = pointer.replaceFirst("^/changes/0", "");
        return List.of("/id", "/backend", "/name").contains(member) ? "" : member;
    }
}
