package io.sluice.rollout.driver;

import io.sluice.instance.api.ConfigProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a call to the proxy or to an instance did not do what was asked. */
public final class ControlException extends RuntimeException {
    /** What the caller may conclude from a failed call. */
    public enum Kind {
        /** Not connected: the call certainly had no effect. */
        UNREACHABLE,
        /** Sent, but not answered (timeout, connection closed) or answered 5xx: the call may have had its effect. */
        UNKNOWN_OUTCOME,
        /** The document was refused (400, 422); {@link #problems()} says why. */
        INVALID,
        /** The document to replace was not the expected one (409 at an instance). */
        CONFLICT,
        /** The pool would fall below its floor (409 {@code floor-would-break}). */
        FLOOR,
        /** A newer engine reigns (412 {@code stale-epoch}): this one must not act any more. */
        STALE_EPOCH,
        /** No such pool, backend, hold or operation (404). */
        NOT_FOUND,
        /** Refused for another reason (401, 403, other 4xx); asking again will not help. */
        REFUSED
    }

    private final Kind kind;
    private final transient List<ConfigProblem> problems;

    public ControlException(Kind kind, String message) {
        this(kind, message, List.of(), null);
    }

    public ControlException(Kind kind, String message, List<ConfigProblem> problems, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.problems = List.copyOf(problems);
    }

    public Kind kind() {
        return kind;
    }

    /** What is wrong with the document; empty unless {@link Kind#INVALID}. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
