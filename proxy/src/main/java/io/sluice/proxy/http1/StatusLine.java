package io.sluice.proxy.http1;

/** The first line of a response (RFC 9112 §4), packed into one number so that reading it allocates nothing. */
public final class StatusLine {
    private static final int VERSION_BYTES = 8;
    private static final int CODE_BYTES = 3;
    private static final int HTTP10 = 1 << 16;

    private StatusLine() {}

    /** Reads it from a complete head; -1 when it is malformed. */
    public static int of(HeadReader head) {
        byte[] bytes = head.bytes();
        int start = head.startLineStart();
        int end = head.startLineEnd();
        int code = start + VERSION_BYTES + 1;
        int codeEnd = code + CODE_BYTES;
        if (end < codeEnd || bytes[code - 1] != ' ' || (end > codeEnd && bytes[codeEnd] != ' ')) {
            return -1;
        }
        int minor = RequestLine.minorVersion(bytes, start, start + VERSION_BYTES);
        int status = 0;
        for (int i = code; i < codeEnd; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            status = status * 10 + digit;
        }
        for (int i = codeEnd; i < end; i++) {
            if (!Octets.isValue(bytes[i])) {
                return -1;
            }
        }
        if (minor < 0 || status < 100) {
            return -1;
        }
        return minor == 0 ? status | HTTP10 : status;
    }

    public static int status(int line) {
        return line & ~HTTP10;
    }

    public static boolean isHttp10(int line) {
        return (line & HTTP10) != 0;
    }
}
