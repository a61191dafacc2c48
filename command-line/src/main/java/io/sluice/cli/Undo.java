package io.sluice.cli;

import io.sluice.client.RefusedException;
import io.sluice.client.UnreachableException;

/** Takes a change for a moment back when Ctrl-C ends the command in the middle. */
final class Undo {
    private Undo() {}

    /** Runs {@code work}, which undoes what it did, but cannot when the process is told to end. */
    static void atExit(Runnable undo, Runnable work) {
        Thread hook = new Thread(() -> {
            try {
                undo.run();
            } catch (UnreachableException | RefusedException e) {
                // Nobody is left to be told.
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            work.run();
        } finally {
            remove(hook);
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endsAlready) {
            // It runs now, and finds nothing to do.
        }
    }
}
