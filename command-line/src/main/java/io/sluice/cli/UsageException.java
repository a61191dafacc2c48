package io.sluice.cli;

/** The command was called in a way that cannot work; its message says how to call it. */
final class UsageException extends RuntimeException {
    UsageException(String message) {
        super(message);
    }
}
