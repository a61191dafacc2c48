package io.sluice.instance.configuration;

/**
 * The configuration that runs now. {@link #get} is one volatile read; whoever handles a request calls it once and keeps the answer, so
 * that each request is consistent with exactly one generation. Set by the single writer of this package only.
 */
public final class CurrentConfiguration {
    private volatile Configuration running;

    public CurrentConfiguration(Configuration first) {
        this.running = first;
    }

    public Configuration get() {
        return running;
    }

    void replace(Configuration next) {
        running = next;
    }
}
