package io.sluice.instance.configuration;

/** Swaps the running configuration without storing it, for tests that do so a thousand times. */
public final class Swap {
    private Swap() {}

    /** From now on {@code next} runs. */
    public static void to(CurrentConfiguration current, Configuration next) {
        current.replace(next);
    }
}
