package io.sluice.proxy.forward;

/**
 * The routes in force, for every event loop: one volatile read a request. A request keeps what it found to its end, so that a change concerns
 * those that come after it.
 */
public final class LiveRouting {
    private volatile Routing now;

    public LiveRouting(Routing first) {
        this.now = first;
    }

    public Routing now() {
        return now;
    }

    /** Has effect on every request that arrives after this. Any thread. */
    public void set(Routing next) {
        now = next;
    }
}
