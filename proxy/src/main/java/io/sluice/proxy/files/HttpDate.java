package io.sluice.proxy.files;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/** Dates of header fields, to the second (RFC 9110 §5.6.7). The two obsolete forms are not understood, which costs a client its cache at worst. */
final class HttpDate {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private HttpDate() {}

    static String format(long epochSeconds) {
        return FORMAT.format(Instant.ofEpochSecond(epochSeconds));
    }

    static Optional<Long> parse(String text) {
        try {
            return Optional.of(FORMAT.parse(text.strip(), Instant::from).getEpochSecond());
        } catch (DateTimeParseException notADate) {
            return Optional.empty();
        }
    }
}
