package io.sluice.proxy.observe;

/**
 * The combined log format: {@code client - - [time] "request line" status bytes "referer" "user agent"}. What would end a field is written as nginx
 * does, as {@code \\x} and two digits. There is no user, since the proxy knows none.
 */
final class CombinedLine {
    private static final byte[] NOBODY = LogLines.name(" - - [");
    private static final byte[] REQUEST = LogLines.name("] \"");
    private static final byte[] STATUS = LogLines.name("\" ");
    private static final byte[] REFERER = LogLines.name(" \"");
    private static final byte[] USER_AGENT = LogLines.name("\" \"");

    private CombinedLine() {}

    static void write(AccessLogEntry entry, LogLines line) {
        line.field(entry.client());
        line.raw(NOBODY);
        line.commonTime(entry.endedAtMillis());
        line.raw(REQUEST);
        request(entry, line);
        line.raw(STATUS);
        line.number(entry.status());
        line.raw(' ');
        line.number(entry.responseBytes());
        line.raw(REFERER);
        orDash(entry.referer(), line);
        line.raw(USER_AGENT);
        orDash(entry.userAgent(), line);
        line.raw('"');
    }

    private static void request(AccessLogEntry entry, LogLines line) {
        if (entry.method().isEmpty()) {
            // Of a head that could not be read, its first line as it came.
            orDash(entry.target(), line);
            return;
        }
        line.field(entry.method());
        line.raw(' ');
        line.field(entry.target());
        line.raw(' ');
        line.field(entry.protocol());
    }

    private static void orDash(String value, LogLines line) {
        line.field(value.isEmpty() ? "-" : value);
    }
}
