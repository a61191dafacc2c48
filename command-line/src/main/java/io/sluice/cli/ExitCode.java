package io.sluice.cli;

import java.util.Locale;

/** What the process says to scripts. */
final class ExitCode {
    static final int OK = 0;

    /** A check failed, or something else went wrong. */
    static final int FAILED = 1;

    static final int USAGE = 2;

    /** Nothing was touched. */
    static final int REJECTED = 3;

    /** Done, but some instances, or some of what an import was given, were left out. */
    static final int PARTIAL = 4;

    /** Stopped on the way: some instances have the new configuration, some the old. */
    static final int MIXED = 5;

    static final int ROLLED_BACK = 6;
    static final int NEEDS_ATTENTION = 7;
    static final int UNREACHABLE = 9;

    private ExitCode() {}

    /** The code for a rollout that ended, or stays, in {@code phase}. */
    static int ofPhase(String phase) {
        return switch (phase.toUpperCase(Locale.ROOT)) {
            case "SUCCEEDED" -> OK;
            case "REJECTED" -> REJECTED;
            case "PARTIAL" -> PARTIAL;
            case "ABORTED", "HALTED" -> MIXED;
            case "ROLLED_BACK" -> ROLLED_BACK;
            case "NEEDS_ATTENTION" -> NEEDS_ATTENTION;
            default -> FAILED;
        };
    }
}
