package io.sluice.client;

import io.sluice.service.problem.Problem;

/** A server answered a call with an error; the problem says which. */
public final class RefusedException extends RuntimeException {
    private final transient Problem problem;

    public RefusedException(Problem problem) {
        super(problem.message());
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }

    public int status() {
        return problem.status();
    }
}
