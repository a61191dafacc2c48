package io.sluice.service.lifecycle;

/** A component cannot start for a reason that its message tells an operator; no stack trace is needed to act on it. */
public class StartException extends RuntimeException {
    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
