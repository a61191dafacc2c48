package io.sluice.proxy.health;

import io.sluice.service.settings.SettingsReader;

/**
 * How the backends of a pool are checked.
 *
 * @param probes by asking them
 * @param passive by how their traffic fares
 */
public record HealthSettings(ProbeSettings probes, PassiveSettings passive) {
    /** Reads a pool's {@code health} section: what {@link ProbeSettings#read} and {@link PassiveSettings#read} do. */
    public static HealthSettings read(SettingsReader reader) {
        return new HealthSettings(ProbeSettings.read(reader), PassiveSettings.read(reader));
    }
}
