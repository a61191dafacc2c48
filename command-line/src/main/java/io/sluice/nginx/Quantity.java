package io.sluice.nginx;

import io.sluice.service.settings.ByteSizeFormat;
import io.sluice.service.settings.DurationFormat;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as nginx writes them. */
final class Quantity {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|[smhdwMy])?\\s*");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kKmMgG]?)");
    private static final Map<String, Long> MILLIS = Map.of(
            "ms", 1L,
            "s", 1_000L,
            "m", 60_000L,
            "h", 3_600_000L,
            "d", 86_400_000L,
            "w", 7 * 86_400_000L,
            "M", 30 * 86_400_000L,
            "y", 365 * 86_400_000L);

    private Quantity() {}

    /** {@code 30}, {@code 500ms}, {@code 1h 30m}: without a unit, seconds. */
    static Optional<Duration> time(String text) {
        Matcher matcher = TIME.matcher(text.strip());
        long millis = 0;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            Long unit = MILLIS.get(matcher.group(2) == null ? "s" : matcher.group(2));
            millis += Long.parseLong(matcher.group(1)) * (unit == null ? 1_000L : unit);
            end = matcher.end();
        }
        return end > 0 && end == text.strip().length() ? Optional.of(Duration.ofMillis(millis)) : Optional.empty();
    }

    /** {@code 512}, {@code 8k}, {@code 10m}, {@code 1g}. */
    static Optional<Long> bytes(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int shift = switch (matcher.group(2)) {
            case "k", "K" -> 10;
            case "m", "M" -> 20;
            case "g", "G" -> 30;
            default -> 0;
        };
        long count = Long.parseLong(matcher.group(1));
        return count > Long.MAX_VALUE >> shift ? Optional.empty() : Optional.of(count << shift);
    }

    /** A whole number from {@code least} to {@code most}. */
    static Optional<Integer> number(String text, int least, int most) {
        if (!text.matches("\\d{1,9}")) {
            return Optional.empty();
        }
        int number = Integer.parseInt(text);
        return number < least || number > most ? Optional.empty() : Optional.of(number);
    }

    /** As settings have it. */
    static String shown(Duration duration) {
        return DurationFormat.format(duration);
    }

    /** As settings have it: a number where no unit fits. */
    static Object shown(long bytes) {
        String text = ByteSizeFormat.format(bytes);
        return text.matches("\\d+") ? (Object) bytes : text;
    }
}
