package io.sluice.proxy.forward;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes request ids: 16 hex digits of a random start, counted up. Unique across event loops and restarts for all practical purposes, and cheap.
 * Belongs to one event loop.
 */
final class RequestIds {
    private static final int DIGITS = 16;
    private static final int MAX_LENGTH = 128;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

    private final byte[] text = new byte[DIGITS];
    private long next = ThreadLocalRandom.current().nextLong();

    @SuppressWarnings("deprecation") // the constructor that takes bytes as they are is the cheapest there is
    String next() {
        long id = next++;
        for (int i = DIGITS - 1; i >= 0; i--) {
            text[i] = HEX[(int) (id & 0xf)];
            id >>>= 4;
        }
        return new String(text, 0, 0, DIGITS);
    }

    /** What a trusted peer calls the request, unless that could confuse a log. */
    static boolean isAcceptable(@Nullable String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }
}
