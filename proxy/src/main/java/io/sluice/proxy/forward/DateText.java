package io.sluice.proxy.forward;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The present as the field {@code Date} has it (RFC 9110 §5.6.7), made once a second. Used on one event loop. */
final class DateText {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final Clock clock;
    private long second = Long.MIN_VALUE;
    private String text = "";

    DateText(Clock clock) {
        this.clock = clock;
        refresh();
    }

    /** To be called more often than once a second. */
    void refresh() {
        long now = Math.floorDiv(clock.millis(), 1000L);
        if (now != second) {
            second = now;
            text = FORMAT.format(Instant.ofEpochSecond(now));
        }
    }

    /** As of the last {@link #refresh}. */
    String text() {
        return text;
    }
}
