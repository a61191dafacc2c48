package io.sluice.proxy.forward;

import org.jspecify.annotations.Nullable;

/**
 * Which header fields belong to one connection only (RFC 9110 §7.6.1): a fixed set, and those that {@code Connection} names. Fields that frame or
 * route a message cannot be taken away by naming them.
 */
final class HopByHop {
    private HopByHop() {}

    static boolean isHopByHop(String name) {
        return switch (name.length()) {
            case 2 -> name.equalsIgnoreCase("te");
            case 7 -> name.equalsIgnoreCase("upgrade");
            case 10 -> name.equalsIgnoreCase("connection") || name.equalsIgnoreCase("keep-alive");
            case 14 -> name.equalsIgnoreCase("http2-settings");
            case 16 -> name.equalsIgnoreCase("proxy-connection");
            case 17 -> name.equalsIgnoreCase("transfer-encoding");
            default -> false;
        };
    }

    /** The options of a {@code Connection} value that need looking at; null when there is none beyond close and keep-alive. */
    static @Nullable String unusualOptions(@Nullable String before, String value) {
        if (before == null && (value.equalsIgnoreCase("keep-alive") || value.equalsIgnoreCase("close"))) {
            return null;
        }
        return before == null ? value : before + "," + value;
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

    /** Whether {@code Connection} takes {@code name} away. */
    static boolean isNamed(@Nullable String options, String name) {
        return options != null
                && lists(options, name)
                && !name.equalsIgnoreCase("host")
                && !name.equalsIgnoreCase("content-length");
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
