package io.sluice.proxy.observe;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A point in time as text, made once a second. Used by one thread. */
final class SecondText {
    private final DateTimeFormatter format;
    private byte[] text = new byte[0];
    private long second = Long.MIN_VALUE;

    /** @param pattern of {@link DateTimeFormatter}; in UTC */
    SecondText(String pattern) {
        this.format = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
    }

    byte[] of(long epochSecond) {
        if (epochSecond != second) {
            text = LogLines.name(format.format(Instant.ofEpochSecond(epochSecond)));
            second = epochSecond;
        }
        return text;
    }
}
