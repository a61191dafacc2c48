package io.sluice.proxy.observe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lines in the making, as ASCII: what a log makes of each request has to cost less than the request. Used by one thread, again and again. */
final class LogLines {
    private static final int FIRST_BYTES = 64 * 1024;
    private static final int LONGEST_NUMBER = 20;
    /** {@code \\x22}. */
    private static final int ESCAPED_OCTET = 4;

    private static final long MILLIS_PER_SECOND = 1_000;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final byte[] HEX = name("0123456789abcdef");
    private static final byte[] UPPER_HEX = name("0123456789ABCDEF");
    private static final byte[] UTC = name(" +0000");

    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    /** Up to where the fraction stands. */
    private final SecondText isoSecond = new SecondText("uuuu-MM-dd'T'HH:mm:ss");

    private final SecondText commonSecond = new SecondText("dd/MMM/uuuu:HH:mm:ss");

    /** What stands before a value, in the form in which it is written. */
    static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    void clear() {
        length = 0;
    }

    ByteBuffer written() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    void raw(byte[] text) {
        reserve(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
    }

    void raw(char c) {
        reserve(1);
        bytes[length++] = (byte) c;
    }

    /** The inside of a string. Everything that a client chose may be in it: nothing must be able to end the string or the line. */
    @SuppressWarnings(
            "deprecation") // for characters known to be ASCII, the copy that looks at none of them is the right one
    void text(String value) {
        int plain = 0;
        while (plain < value.length() && isPlain(value.charAt(plain))) {
            plain++;
        }
        reserve(plain);
        value.getBytes(0, plain, bytes, length);
        length += plain;
        for (int i = plain; i < value.length(); i++) {
            escaped(value.charAt(i));
        }
    }

    /** The inside of a field of the combined format; everything outside of ASCII is one octet. */
    void field(String value) {
        reserve(value.length() * ESCAPED_OCTET);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (isPlain(c)) {
                bytes[length++] = (byte) c;
            } else {
                raw('\\');
                raw('x');
                raw((char) UPPER_HEX[(c >>> 4) & 0xf]);
                raw((char) UPPER_HEX[c & 0xf]);
            }
        }
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
    }

    private void escaped(char c) {
        if (isPlain(c)) {
            raw(c);
            return;
        }
        raw('\\');
        if (c == '"' || c == '\\') {
            raw(c);
            return;
        }
        raw('u');
        for (int shift = 12; shift >= 0; shift -= 4) {
            raw((char) HEX[(c >>> shift) & 0xf]);
        }
    }

    /** @param number not negative */
    void number(long number) {
        reserve(LONGEST_NUMBER);
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Milliseconds with three digits behind the point. */
    void millis(long nanos) {
        long micros = Math.max(0, (nanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO);
        number(micros / 1000);
        fraction(micros % 1000);
    }

    private void fraction(long thousandths) {
        raw('.');
        raw((char) ('0' + thousandths / 100));
        raw((char) ('0' + thousandths / 10 % 10));
        raw((char) ('0' + thousandths % 10));
    }

    /** ISO 8601, UTC, with milliseconds. */
    void time(long epochMillis) {
        raw(isoSecond.of(Math.floorDiv(epochMillis, MILLIS_PER_SECOND)));
        fraction(Math.floorMod(epochMillis, MILLIS_PER_SECOND));
        raw('Z');
    }

    /** {@code 31/Dec/2026:23:59:59 +0000}. */
    void commonTime(long epochMillis) {
        raw(commonSecond.of(Math.floorDiv(epochMillis, MILLIS_PER_SECOND)));
        raw(UTC);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }
}
