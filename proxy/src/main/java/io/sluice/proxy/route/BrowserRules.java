package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import org.jspecify.annotations.Nullable;

/**
 * What a route tells browsers by itself.
 *
 * @param security null for nothing
 * @param cors null when whoever answers sees to that
 */
public record BrowserRules(
        @Nullable SecuritySettings security, @Nullable CorsSettings cors) {
    /** Reads {@code security-headers} and {@code cors} of a route. */
    static BrowserRules read(SettingsReader reader) {
        return new BrowserRules(SecuritySettings.read(reader), CorsSettings.read(reader));
    }
}
