package io.sluice.proxy.forward;

import io.sluice.service.settings.SettingsReader;

/**
 * Whether requests carry a trace context (W3C Trace Context).
 *
 * @param on otherwise what clients send is passed on like any other field
 * @param sampledPercent of the traces that begin here, how many ask to be recorded
 */
public record TracingSettings(boolean on, int sampledPercent) {
    public static final TracingSettings OFF = new TracingSettings(false, 0);

    private static final int ALL = 100;

    /** Reads {@code on} and {@code sampled-percent}. */
    static TracingSettings read(SettingsReader reader) {
        boolean on = reader.flag("on", false);
        int sampled = reader.integer("sampled-percent", ALL, 0, ALL);
        return on ? new TracingSettings(true, sampled) : OFF;
    }
}
