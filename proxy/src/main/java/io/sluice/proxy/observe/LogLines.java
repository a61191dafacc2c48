package io.sluice.proxy.observe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** JSON lines in the making, as ASCII: what a log makes of each request has to cost less than the request. Used by one thread, again and again. */
final class LogLines {
    private static final int FIRST_BYTES = 64 * 1024;
    private static final int LONGEST_NUMBER = 20;
    private static final long MILLIS_PER_SECOND = 1_000;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final byte[] HEX = name("0123456789abcdef");

    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    /** Of {@code second}, up to where its fraction would stand. */
    private byte[] secondText = new byte[0];

    private long second = Long.MIN_VALUE;

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
        long now = Math.floorDiv(epochMillis, MILLIS_PER_SECOND);
        if (now != second) {
            String text = Instant.ofEpochSecond(now).toString();
            secondText = name(text.substring(0, text.length() - 1));
            second = now;
        }
        raw(secondText);
        fraction(Math.floorMod(epochMillis, MILLIS_PER_SECOND));
        raw('Z');
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }
}
