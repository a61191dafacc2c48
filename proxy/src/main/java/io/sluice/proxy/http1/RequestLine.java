package io.sluice.proxy.http1;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The first line of a request (RFC 9112 §3).
 *
 * @param method a token, as received
 * @param target visible ASCII, as received
 * @param http10 whether the client speaks HTTP/1.0; any other 1.x is taken as 1.1
 */
public record RequestLine(String method, String target, boolean http10) {
    private static final String[] COMMON = {"GET", "POST", "PUT", "HEAD", "PATCH", "DELETE", "OPTIONS"};
    private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    /** Reads it from a complete head; null when it is malformed. */
    public static @Nullable RequestLine of(HeadReader head) {
        byte[] bytes = head.bytes();
        int start = head.startLineStart();
        int end = head.startLineEnd();
        int methodEnd = start;
        while (methodEnd < end && Octets.isToken(bytes[methodEnd])) {
            methodEnd++;
        }
        int targetStart = methodEnd + 1;
        int targetEnd = targetStart;
        while (targetEnd < end && Octets.isTarget(bytes[targetEnd])) {
            targetEnd++;
        }
        boolean separated = methodEnd > start
                && targetEnd > targetStart
                && targetEnd < end
                && bytes[methodEnd] == ' '
                && bytes[targetEnd] == ' ';
        if (!separated) {
            return null;
        }
        int minor = minorVersion(bytes, targetEnd + 1, end);
        if (minor < 0) {
            return null;
        }
        String target = new String(bytes, targetStart, targetEnd - targetStart, StandardCharsets.ISO_8859_1);
        return new RequestLine(method(bytes, start, methodEnd), target, minor == 0);
    }

    /** The digit behind {@code HTTP/1.}; -1 when that is not what stands there. */
    static int minorVersion(byte[] bytes, int from, int to) {
        if (to - from != VERSION.length + 1) {
            return -1;
        }
        for (int i = 0; i < VERSION.length; i++) {
            if (bytes[from + i] != VERSION[i]) {
                return -1;
            }
        }
        int digit = bytes[to - 1] - '0';
        return digit < 0 || digit > 9 ? -1 : digit;
    }

    private static String method(byte[] bytes, int from, int to) {
        for (String common : COMMON) {
            if (equals(common, bytes, from, to)) {
                return common;
            }
        }
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    private static boolean equals(String text, byte[] bytes, int from, int to) {
        if (text.length() != to - from) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (bytes[from + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
