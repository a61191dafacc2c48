package io.sluice.proxy.forward;

/** The syntax of {@code Host} (RFC 9110 §7.2, RFC 3986 §3.2.2): a name or address with an optional port; never empty, no user information. */
final class Authority {
    private static final int MAX_PORT_DIGITS = 5;

    private Authority() {}

    static boolean isValid(String text) {
        int end = hostEnd(text);
        return end > 0 && isPort(text, end);
    }

    /** The host of a valid authority, without port, and without the dot that may end a full name (RFC 3986 §3.2.2): it names the same. */
    static String host(String text) {
        int end = hostEnd(text);
        if (end > 1 && text.charAt(end - 1) == '.') {
            end--;
        }
        return end == text.length() ? text : text.substring(0, end);
    }

    /** Where the host ends; -1 when it is none. */
    private static int hostEnd(String text) {
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            return close > 2 && isAddress(text, 1, close) ? close + 1 : -1;
        }
        int i = 0;
        while (i < text.length() && text.charAt(i) != ':') {
            if (!isNameCharacter(text.charAt(i))) {
                return -1;
            }
            i++;
        }
        return i == 0 ? -1 : i;
    }

    private static boolean isPort(String text, int colon) {
        if (colon == text.length()) {
            return true;
        }
        if (text.charAt(colon) != ':' || text.length() - colon - 1 > MAX_PORT_DIGITS) {
            return false;
        }
        for (int i = colon + 1; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static boolean isAddress(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (Character.digit(c, 16) < 0 && c != ':' && c != '.') {
                return false;
            }
        }
        return true;
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || "~!$&'()*+,;=".indexOf(c) >= 0;
    }
}
