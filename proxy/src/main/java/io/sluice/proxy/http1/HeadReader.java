package io.sluice.proxy.http1;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the head of a message, or a trailer section, however it is cut into pieces (RFC 9112 §2–§5). Lines end in CRLF, nothing else; folded fields,
 * blanks before a colon and control characters are refused. The bytes are copied once, into an array that is used again for the next head.
 */
public final class HeadReader {
    /** What became of the bytes so far. */
    public enum Progress {
        /** More are needed. */
        INCOMPLETE,
        COMPLETE,
        MALFORMED,
        /** The first line is longer than allowed. */
        LINE_TOO_LONG,
        /** The fields are larger or more than allowed. */
        FIELDS_TOO_LARGE
    }

    /** An empty line or two may precede a request (RFC 9112 §2.2). */
    private static final int MAX_EMPTY_LINES = 2;

    private static final int LITTLE = 256;
    /** A first piece up to this length gets the room it needs; what is longer holds a body, most likely. */
    private static final int USUAL = 1024;
    /** What is kept for the next head. */
    private static final int KEPT = 8 * 1024;

    private final int maxLine;
    private final int maxFields;
    private final int maxCount;
    private final boolean hasStartLine;
    private final Fields fields = new Fields();

    private byte[] bytes = new byte[0];
    private int filled;
    private int scanned;
    private int lineStart;
    private int emptyLines;
    private int startLineStart;
    private int startLineEnd;
    private boolean inFields;

    /** For heads. */
    public HeadReader(int maxLine, int maxFields, int maxCount) {
        this(maxLine, maxFields, maxCount, true);
    }

    private HeadReader(int maxLine, int maxFields, int maxCount, boolean hasStartLine) {
        this.maxLine = maxLine;
        this.maxFields = maxFields;
        this.maxCount = maxCount;
        this.hasStartLine = hasStartLine;
        this.inFields = !hasStartLine;
    }

    static HeadReader forTrailers(int maxFields, int maxCount) {
        return new HeadReader(0, maxFields, maxCount, false);
    }

    /** Forgets the present head and gets ready for the next. */
    public void reset() {
        if (bytes.length > KEPT) {
            bytes = new byte[0];
        }
        filled = 0;
        scanned = 0;
        lineStart = 0;
        emptyLines = 0;
        startLineStart = 0;
        startLineEnd = 0;
        inFields = !hasStartLine;
        fields.clear();
    }

    /** Whether a head was begun and is not complete. */
    public boolean isInside() {
        return filled > 0;
    }

    /** Takes what belongs to the head; what follows it is left in {@code in}. */
    public Progress read(ByteBuf in) {
        while (true) {
            if (scanned == filled && !fill(in)) {
                return Progress.INCOMPLETE;
            }
            int newline = findNewline();
            if (newline < 0) {
                Progress limit = checkLimits(filled);
                if (limit != Progress.INCOMPLETE) {
                    return limit;
                }
                continue;
            }
            Progress line = checkLimits(newline + 1);
            if (line == Progress.INCOMPLETE) {
                line = readLine(newline);
            }
            if (line == Progress.COMPLETE) {
                in.readerIndex(in.readerIndex() - (filled - newline - 1));
                filled = newline + 1;
            }
            if (line != Progress.INCOMPLETE) {
                return line;
            }
        }
    }

    private boolean fill(ByteBuf in) {
        int readable = in.readableBytes();
        if (readable == 0) {
            return false;
        }
        if (filled == bytes.length) {
            int wanted = Math.max(LITTLE, Math.min(USUAL, readable));
            bytes = Arrays.copyOf(bytes, Math.max(wanted, bytes.length * 2));
            fields.moveTo(bytes);
        }
        int taken = Math.min(readable, bytes.length - filled);
        in.readBytes(bytes, filled, taken);
        filled += taken;
        return true;
    }

    private int findNewline() {
        byte[] in = bytes;
        int to = filled;
        for (int i = scanned; i < to; i++) {
            if (in[i] == '\n') {
                scanned = i + 1;
                return i;
            }
        }
        scanned = to;
        return -1;
    }

    private Progress checkLimits(int end) {
        if (!inFields) {
            return end - lineStart > maxLine + 2 ? Progress.LINE_TOO_LONG : Progress.INCOMPLETE;
        }
        return end - startLineEnd > maxFields + 4 ? Progress.FIELDS_TOO_LARGE : Progress.INCOMPLETE;
    }

    private Progress readLine(int newline) {
        int start = lineStart;
        int end = newline - 1;
        lineStart = newline + 1;
        if (end < start || bytes[end] != '\r') {
            return Progress.MALFORMED;
        }
        if (inFields) {
            return start == end ? Progress.COMPLETE : readField(start, end);
        }
        if (start == end) {
            emptyLines++;
            return emptyLines > MAX_EMPTY_LINES ? Progress.MALFORMED : Progress.INCOMPLETE;
        }
        if (!Octets.isToken(bytes[start])) {
            // Another protocol, most likely TLS: it would wait for us as long as we for it.
            return Progress.MALFORMED;
        }
        startLineStart = start;
        startLineEnd = end;
        inFields = true;
        return Progress.INCOMPLETE;
    }

    private Progress readField(int start, int end) {
        if (fields.count() == maxCount) {
            return Progress.FIELDS_TOO_LARGE;
        }
        byte[] in = bytes;
        int colon = start;
        while (colon < end && Octets.isToken(in[colon])) {
            colon++;
        }
        // A blank here is a folded line or stands before the colon; both are ways to hide a field.
        if (colon == start || colon == end || in[colon] != ':') {
            return Progress.MALFORMED;
        }
        int from = colon + 1;
        int to = end;
        while (from < to && Octets.isBlank(in[from])) {
            from++;
        }
        while (to > from && Octets.isBlank(in[to - 1])) {
            to--;
        }
        for (int i = from; i < to; i++) {
            if (!Octets.isValue(in[i])) {
                return Progress.MALFORMED;
            }
        }
        fields.add(start, colon, from, to, end + 2);
        return Progress.INCOMPLETE;
    }

    /** Of the head that is complete. */
    public Fields fields() {
        return fields;
    }

    byte[] bytes() {
        return bytes;
    }

    int startLineStart() {
        return startLineStart;
    }

    int startLineEnd() {
        return startLineEnd;
    }

    /** The first line, as far as it is known; for logs about a head that was refused. */
    public String startLine() {
        int end = startLineEnd > 0 ? startLineEnd : Math.min(filled, maxLine);
        return new String(bytes, startLineStart, Math.max(0, end - startLineStart), StandardCharsets.ISO_8859_1);
    }
}
