package io.sluice.proxy.discovery;

/** Told what lookups came to, on any thread. */
public interface DiscoveryObserver {
    DiscoveryObserver NONE = outcome -> {};

    /**
     * A lookup is over.
     *
     * @param outcome one of {@link Discovery#OUTCOMES}
     */
    void lookedUp(String outcome);
}
