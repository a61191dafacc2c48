package io.sluice.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * Brings the path of a request target into the one form that routes are matched on (RFC 3986 §6.2.2): percent-encoded unreserved characters
 * decoded, other escapes in upper case, {@code .} and {@code ..} resolved, runs of slashes merged. {@code %2F} stays data.
 *
 * <p>What two parsers could read differently is refused instead of guessed: an encoded dot segment, a backslash in either form, NUL, control
 * and non-ASCII characters, broken escapes, a fragment, and {@code ..} above the root.
 */
public final class PathNormalizer {
    private PathNormalizer() {}

    /** The normal form of {@code path}, the same object when it is normal already; null when the path must be refused with 400. */
    public static @Nullable String normalize(String path) {
        return isNormal(path) ? path : normalizeSlowly(path);
    }

    private static boolean isNormal(String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return false;
        }
        char before = 'x';
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '%' || c == '\\' || c == '#' || c == '?') {
                return false;
            }
            if (before == '/' && (c == '/' || c == '.')) {
                return false;
            }
            before = c;
        }
        return true;
    }

    private static @Nullable String normalizeSlowly(String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return null;
        }
        String decoded = decodeUnreserved(path);
        if (decoded == null || hidesDotSegment(path)) {
            return null;
        }
        return resolveSegments(decoded);
    }

    private static @Nullable String decodeUnreserved(String path) {
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '\\' || c == '#' || c == '?') {
                return null;
            }
            if (c != '%') {
                out.append(c);
                continue;
            }
            int octet = i + 2 < path.length() ? hex(path.charAt(i + 1)) * 16 + hex(path.charAt(i + 2)) : -1;
            if (octet <= 0 || octet == '\\') {
                return null;
            }
            if (isUnreserved(octet)) {
                out.append((char) octet);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(path.charAt(i + 1)))
                        .append(Character.toUpperCase(path.charAt(i + 2)));
            }
            i += 2;
        }
        return out.toString();
    }

    /** Whether splitting at both {@code /} and {@code %2F} shows a dot segment that was not written plainly between slashes. */
    private static boolean hidesDotSegment(String path) {
        String[] segments = path.replace("%2F", "%2f").split("/", -1);
        for (String segment : segments) {
            if (segment.indexOf('%') < 0) {
                continue;
            }
            for (String part : segment.split("%2f", -1)) {
                String plain = part.replace("%2E", ".").replace("%2e", ".");
                if (plain.equals(".") || plain.equals("..")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static @Nullable String resolveSegments(String path) {
        StringBuilder out = new StringBuilder(path.length());
        int i = 0;
        while (i < path.length()) {
            int end = path.indexOf('/', i + 1);
            end = end < 0 ? path.length() : end;
            String segment = path.substring(i + 1, end);
            boolean last = end == path.length();
            switch (segment) {
                case "", "." -> {
                    if (last) {
                        out.append('/');
                    }
                }
                case ".." -> {
                    int parent = out.lastIndexOf("/");
                    if (parent < 0) {
                        return null;
                    }
                    out.setLength(parent);
                    if (last) {
                        out.append('/');
                    }
                }
                default -> out.append('/').append(segment);
            }
            i = end;
        }
        return out.length() == 0 ? "/" : out.toString();
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    /** The value of a hex digit; for anything else a number so negative that an octet made with it is negative too. */
    private static int hex(char c) {
        int digit = Character.digit(c, 16);
        return digit < 0 || c >= 0x7f ? -1000 : digit;
    }
}
