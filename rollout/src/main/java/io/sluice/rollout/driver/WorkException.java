package io.sluice.rollout.driver;

import io.sluice.instance.api.ConfigProblem;
import io.sluice.rollout.engine.Failure;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why a piece of work has no proof, or has none yet. */
final class WorkException extends RuntimeException {
    private final transient Failure failure;
    private final boolean retryable;

    private WorkException(Failure failure, boolean retryable) {
        super(failure.detail());
        this.failure = failure;
        this.retryable = retryable;
    }

    /** Asking again will not help. */
    static WorkException ended(Failure.Kind kind, String detail) {
        return new WorkException(Failure.of(kind, detail), false);
    }

    static WorkException ended(Failure.Kind kind, String detail, @Nullable String reportedHash) {
        return new WorkException(new Failure(kind, detail, reportedHash), false);
    }

    /** It may be different in a moment. */
    static WorkException notYet(Failure.Kind kind, String detail) {
        return new WorkException(Failure.of(kind, detail), true);
    }

    static boolean isRetryable(Throwable cause) {
        if (cause instanceof WorkException work) {
            return work.retryable;
        }
        return cause instanceof ControlException control
                && switch (control.kind()) {
                    case UNREACHABLE, UNKNOWN_OUTCOME -> true;
                    case INVALID, CONFLICT, FLOOR, STALE_EPOCH, NOT_FOUND, REFUSED -> false;
                };
    }

    static Failure failure(Throwable cause) {
        String detail = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (cause instanceof WorkException work) {
            return work.failure;
        }
        if (cause instanceof TimeoutException) {
            return Failure.of(Failure.Kind.DEADLINE, detail);
        }
        if (cause instanceof ControlException control) {
            return switch (control.kind()) {
                case UNREACHABLE, UNKNOWN_OUTCOME -> Failure.of(Failure.Kind.UNREACHABLE, detail);
                case INVALID -> Failure.of(Failure.Kind.INVALID, detail + problems(control));
                case CONFLICT -> Failure.of(Failure.Kind.CONFLICT, detail);
                case FLOOR -> Failure.of(Failure.Kind.FLOOR, detail);
                case STALE_EPOCH, NOT_FOUND, REFUSED -> Failure.of(Failure.Kind.REFUSED, detail);
            };
        }
        return Failure.of(Failure.Kind.REFUSED, detail);
    }

    private static String problems(ControlException control) {
        return control.problems().isEmpty()
                ? ""
                : control.problems().stream().map(WorkException::line).collect(Collectors.joining("; ", ": ", ""));
    }

    private static String line(ConfigProblem problem) {
        return problem.pointer() + " " + problem.message();
    }
}
