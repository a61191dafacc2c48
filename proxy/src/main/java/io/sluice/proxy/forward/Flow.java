package io.sluice.proxy.forward;

/** Whoever is given what comes from a connection, and writes to it: told when to pass on what it gathered, and when to go on writing. */
public interface Flow {
    /** All that could be read for now was given. */
    void readComplete();

    /** The connection takes more again. */
    void writable();
}
