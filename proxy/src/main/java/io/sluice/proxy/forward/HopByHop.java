package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a head belong to its connection only (RFC 9110 §7.6.1): a fixed set, and those that {@code Connection} names. Fields that frame
 * or route a message cannot be taken away by naming them.
 */
final class HopByHop {
    private HopByHop() {}

    /** The options of all {@code Connection} fields that need looking at; null when there is none beyond close and keep-alive. */
    static @Nullable String unusualOptions(Fields fields) {
        String options = null;
        for (int i = 0; i < fields.count(); i++) {
            boolean unusual = fields.known(i) == KnownField.CONNECTION
                    && !fields.valueIs(i, "keep-alive")
                    && !fields.valueIs(i, "close");
            if (unusual) {
                options = options == null ? fields.value(i) : options + "," + fields.value(i);
            }
        }
        return options;
    }

    /** Whether a {@code Connection} field has this option. */
    static boolean hasOption(Fields fields, String option) {
        for (int i = 0; i < fields.count(); i++) {
            boolean has = fields.known(i) == KnownField.CONNECTION
                    && (fields.valueIs(i, option) || lists(fields.value(i), option));
            if (has) {
                return true;
            }
        }
        return false;
    }

    /** Whether the {@code i}-th field must not be passed on. */
    static boolean isHopByHop(Fields fields, int i, @Nullable String unusualOptions) {
        KnownField known = fields.known(i);
        return known.isHopByHop()
                || (unusualOptions != null
                        && known != KnownField.HOST
                        && known != KnownField.CONTENT_LENGTH
                        && lists(unusualOptions, fields.name(i)));
    }

    /** Whether {@code options}, a comma-separated list, has {@code token}. */
    static boolean lists(@Nullable String options, String token) {
        if (options == null) {
            return false;
        }
        int from = 0;
        while (from <= options.length()) {
            int comma = options.indexOf(',', from);
            int end = comma < 0 ? options.length() : comma;
            if (equalsTrimmed(options, from, end, token)) {
                return true;
            }
            from = end + 1;
        }
        return false;
    }

    private static boolean equalsTrimmed(String text, int from, int to, String token) {
        int start = from;
        int end = to;
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return end - start == token.length() && text.regionMatches(true, start, token, 0, token.length());
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
