package io.sluice.proxy.health;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * When traffic that fails puts a backend aside.
 *
 * @param maxFails failures within {@code failTimeout} that eject a backend; 0 never ejects
 * @param failTimeout also how long the first ejection of a backend lasts
 * @param errorRate that ejects a backend
 * @param ejection how far ejections may go
 */
public record PassiveSettings(int maxFails, Duration failTimeout, ErrorRate errorRate, EjectionSettings ejection) {
    private static final int MAX_FAILS = 3;
    private static final Duration FAIL_TIMEOUT = Duration.ofSeconds(10);

    /** Reads {@code max-fails}, {@code fail-timeout} and the sections {@code error-rate} and {@code ejection}. */
    static PassiveSettings read(SettingsReader reader) {
        return new PassiveSettings(
                reader.integer("max-fails", MAX_FAILS, 0, 1_000_000),
                reader.duration("fail-timeout", FAIL_TIMEOUT, Duration.ofMillis(10)),
                ErrorRate.read(reader.section("error-rate")),
                EjectionSettings.read(reader.section("ejection")));
    }
}
