package io.sluice.proxy.health;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * How far ejections may go.
 *
 * @param maxTime the longest one; each that follows the one before without a time of health between them is longer by the first one's time
 * @param maxPercent while at least so many of a pool's backends are ejected, no other one is; 0 ejects nobody
 */
public record EjectionSettings(Duration maxTime, int maxPercent) {
    /** Half of a pool may be put aside: the other half should carry its load. */
    public static final EjectionSettings DEFAULT = new EjectionSettings(Duration.ofMinutes(5), 50);

    private static final int ALL = 100;

    /** Reads {@code max-time} and {@code max-percent}. */
    static EjectionSettings read(SettingsReader reader) {
        return new EjectionSettings(
                reader.duration("max-time", DEFAULT.maxTime, Duration.ofMillis(10)),
                reader.integer("max-percent", DEFAULT.maxPercent, 0, ALL));
    }

    /** Whether one more may be ejected. */
    boolean admits(long ejected, int backends) {
        return ejected * ALL < (long) maxPercent * backends;
    }
}
