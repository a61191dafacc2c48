package io.sluice.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one head or trailer section: where each lies in the bytes that were received. Belongs to the reader that filled it and is valid
 * until that reads the next head; {@link #copy} outlives it. Used on one event loop.
 */
public final class Fields {
    private static final int NAME_START = 0;
    private static final int NAME_END = 1;
    private static final int VALUE_START = 2;
    private static final int VALUE_END = 3;
    private static final int LINE_END = 4;
    private static final int RANGES = 5;
    private static final int FEW = 16;
    private static final int LITTLE = 512;
    /** What is kept for others. */
    private static final int KEPT = 4 * 1024;

    private byte[] bytes = new byte[0];
    private int[] ranges = new int[FEW * RANGES];
    private KnownField[] known = new KnownField[FEW];
    private int count;

    void clear() {
        count = 0;
    }

    /** Forgets those that were {@link #append}ed, to take others. */
    public void restart() {
        count = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[0];
        }
    }

    /** The bytes moved to another array. */
    void moveTo(byte[] source) {
        bytes = source;
    }

    void add(int nameStart, int nameEnd, int valueStart, int valueEnd, int lineEnd) {
        if (count == known.length) {
            known = Arrays.copyOf(known, count * 2);
            ranges = Arrays.copyOf(ranges, count * 2 * RANGES);
        }
        int at = count * RANGES;
        ranges[at + NAME_START] = nameStart;
        ranges[at + NAME_END] = nameEnd;
        ranges[at + VALUE_START] = valueStart;
        ranges[at + VALUE_END] = valueEnd;
        ranges[at + LINE_END] = lineEnd;
        known[count] = KnownField.of(bytes, nameStart, nameEnd);
        count++;
    }

    /**
     * Adds a field to those that are held in bytes of their own; never mixed with fields that a reader found.
     *
     * @return false, and nothing is added, when the name is not a token or the value holds an octet that no value may (RFC 9110 §5.5)
     */
    public boolean append(CharSequence name, CharSequence value) {
        int nameStart = count == 0 ? 0 : range(count - 1, LINE_END);
        int nameEnd = nameStart + name.length();
        int valueStart = nameEnd + 2;
        int valueEnd = valueStart + value.length();
        int lineEnd = valueEnd + 2;
        if (lineEnd > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(LITTLE, Math.max(lineEnd, bytes.length * 2)));
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            bytes[nameStart + i] = (byte) c;
            if (c > 0x7f || !Octets.isToken((byte) c)) {
                return false;
            }
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            bytes[valueStart + i] = (byte) c;
            if (c > 0xff || !Octets.isValue((byte) c)) {
                return false;
            }
        }
        bytes[nameEnd] = ':';
        bytes[nameEnd + 1] = ' ';
        bytes[valueEnd] = '\r';
        bytes[valueEnd + 1] = '\n';
        if (nameStart == nameEnd) {
            return false;
        }
        add(nameStart, nameEnd, valueStart, valueEnd, lineEnd);
        return true;
    }

    public int count() {
        return count;
    }

    /** Which field the {@code i}-th is. */
    public KnownField known(int i) {
        return known[i];
    }

    /** As received. */
    public String name(int i) {
        return text(range(i, NAME_START), range(i, NAME_END));
    }

    /** As received, without the blanks around it; one character for each octet. */
    public String value(int i) {
        return text(range(i, VALUE_START), range(i, VALUE_END));
    }

    /** The name in lower case, as HTTP/2 has it. */
    public AsciiString lowerCaseName(int i) {
        return known[i].isName()
                ? known[i].lowerCaseName()
                : KnownField.toLowerCase(bytes, range(i, NAME_START), range(i, NAME_END));
    }

    /** The value as {@link #value} has it, in octets of its own. */
    public AsciiString octets(int i) {
        return octets(range(i, VALUE_START), range(i, VALUE_END));
    }

    private AsciiString octets(int from, int to) {
        return new AsciiString(bytes, from, to - from, true);
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private int range(int i, int which) {
        return ranges[i * RANGES + which];
    }

    /** The first of that kind, -1 if there is none. */
    public int indexOf(KnownField wanted) {
        for (int i = 0; i < count; i++) {
            if (known[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** The first of that name, in whatever case; -1 if there is none. */
    public int indexOf(String name) {
        for (int i = 0; i < count; i++) {
            if (nameIs(i, name)) {
                return i;
            }
        }
        return -1;
    }

    /** The value of the first of that name; null if there is none. */
    public @Nullable String valueOf(String name) {
        int i = indexOf(name);
        return i < 0 ? null : value(i);
    }

    /** Whether the {@code i}-th has this name, in whatever case. */
    public boolean nameIs(int i, String name) {
        int from = range(i, NAME_START);
        int length = range(i, NAME_END) - from;
        return equalsIgnoringCase(from, length, name);
    }

    /** Whether the {@code i}-th has this name for a reader who takes underscores for hyphens. */
    public boolean nameResembles(int i, String name) {
        int from = range(i, NAME_START);
        if (name.length() != range(i, NAME_END) - from) {
            return false;
        }
        for (int at = 0; at < name.length(); at++) {
            int c = bytes[from + at] & 0xff;
            int d = name.charAt(at);
            if (c != d && lower(c) != lower(d) && (c != '_' || d != '-')) {
                return false;
            }
        }
        return true;
    }

    /** Whether the value of the {@code i}-th is this, in whatever case. */
    public boolean valueIs(int i, String value) {
        int from = range(i, VALUE_START);
        int length = range(i, VALUE_END) - from;
        return equalsIgnoringCase(from, length, value);
    }

    private boolean equalsIgnoringCase(int from, int length, String text) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            int c = bytes[from + i] & 0xff;
            int d = text.charAt(i);
            if (c != d && lower(c) != lower(d)) {
                return false;
            }
        }
        return true;
    }

    private static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    /** The value as a decimal number without sign; {@link Long#MAX_VALUE} when it is too large for one, -1 when it is none. */
    public long number(int i) {
        int from = range(i, VALUE_START);
        int to = range(i, VALUE_END);
        if (from == to) {
            return -1;
        }
        long number = 0;
        for (int at = from; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : number * 10 + digit;
        }
        return number;
    }

    /** Writes the {@code first}-th to the {@code last}-th, both included, as received, with their line ends. */
    public void writeLines(int first, int last, ByteBuf out) {
        int from = range(first, NAME_START);
        out.writeBytes(bytes, from, range(last, LINE_END) - from);
    }

    /** The same fields in bytes of their own. */
    public Fields copy() {
        Fields copy = new Fields();
        int end = count == 0 ? 0 : range(count - 1, LINE_END);
        copy.bytes = Arrays.copyOf(bytes, end);
        copy.ranges = ranges.clone();
        copy.known = known.clone();
        copy.count = count;
        return copy;
    }
}
