package io.sluice.proxy.pool;

/** Whose word counts where the file and the API changed the same thing to different values. */
public enum Prefer {
    /** Nobody's: the change is refused, and every contradiction is named. */
    NOBODY,
    FILE,
    /** What is live, by the API. */
    LIVE
}
