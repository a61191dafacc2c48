package io.sluice.proxy.pool;

/** Told which pools and routes there are, after it took effect, on the writer's thread; must be quick and must not throw. */
public interface StructureListener {
    default void poolAdded(BackendPool pool) {}

    default void poolRemoved(BackendPool pool) {}

    default void routesChanged(RoutesState routes) {}
}
