package io.sluice.proxy;

import org.jspecify.annotations.Nullable;

/**
 * Whether a proxy takes the place of the one that runs with the same data folder, and whether another process may take its own.
 *
 * @param takesOver whether it replaces a running one, if there is one
 * @param whenReplaced ends this process, when another has taken its place and everything has finished here; absent when it cannot be replaced
 */
public record Succession(boolean takesOver, @Nullable Runnable whenReplaced) {
    /** For a proxy that lives in a process with others. */
    public static final Succession NONE = new Succession(false, null);
}
