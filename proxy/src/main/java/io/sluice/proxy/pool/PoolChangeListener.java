package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;

/**
 * Told about changes after they took effect, on the thread that made them (the writer's, a probe's, an event loop's): must be quick, must
 * not block and must not throw.
 */
public interface PoolChangeListener {
    /** The pool has a new revision. Comes after the calls about single backends of the same change. */
    default void poolChanged(BackendPool pool, PoolSnapshot before, PoolSnapshot now) {}

    /** A backend or a new incarnation of one is in the pool: start checking it. */
    default void backendAdded(BackendPool pool, Backend backend) {}

    /** A backend, or its address, is gone from the pool for good: stop checking it, close its idle connections. */
    default void backendRetired(BackendPool pool, Backend backend) {}

    /** The first hold came or the last one went; see {@link Backend#isClosed()}. */
    default void backendHeld(BackendPool pool, Backend backend, boolean held) {}

    /** Its health, ejection or configuration, and so perhaps its eligibility, changed. */
    default void backendObserved(BackendPool pool, Backend backend) {}

    /** A hold or a removal began to drain a backend. */
    default void drainStarted(BackendPool pool, DrainOperation drain) {}

    /** A drain ended as one of its final states. */
    default void drainEnded(BackendPool pool, DrainOperation drain) {}
}
