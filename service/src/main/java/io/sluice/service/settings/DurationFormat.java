package io.sluice.service.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: a whole number and one unit of {@code ms s m h d}, as in {@code 250ms} or {@code 3d}. */
public final class DurationFormat {
    /** What a message says was expected. */
    public static final String EXPECTATION = "a duration such as 250ms, 30s, 5m, 2h or 3d";

    private static final Pattern FORM = Pattern.compile("(-?\\d{1,15})(ms|s|m|h|d)");

    private DurationFormat() {}

    /** The duration that {@code text} means, empty when it is none. Negative ones are read, so that the refusal can name the bound. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Duration.of(Long.parseLong(matcher.group(1)), unit(matcher.group(2))));
        } catch (ArithmeticException tooLong) {
            return Optional.empty();
        }
    }

    /** The shortest form that {@link #parse} reads back; parts below a millisecond are cut. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return "0s";
        }
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static ChronoUnit unit(String symbol) {
        return switch (symbol) {
            case "ms" -> ChronoUnit.MILLIS;
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            default -> ChronoUnit.DAYS;
        };
    }
}
