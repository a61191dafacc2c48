package io.sluice.proxy.http1;

/** Which octets may stand where (RFC 9110 §5.5, §5.6.2; RFC 3986). */
final class Octets {
    private static final byte TOKEN = 1;
    private static final byte VALUE = 2;
    private static final byte TARGET = 4;
    private static final byte[] KINDS = new byte[256];

    static {
        for (int c = 0x21; c < 0x7f; c++) {
            KINDS[c] = VALUE | TARGET;
            boolean letterOrDigit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (letterOrDigit || "!#$%&'*+-.^_`|~".indexOf(c) >= 0) {
                KINDS[c] |= TOKEN;
            }
        }
        KINDS[' '] = VALUE;
        KINDS['\t'] = VALUE;
        for (int c = 0x80; c <= 0xff; c++) {
            KINDS[c] = VALUE;
        }
    }

    private Octets() {}

    static boolean isToken(byte octet) {
        return (KINDS[octet & 0xff] & TOKEN) != 0;
    }

    /** Of a field value, obsolete text included. */
    static boolean isValue(byte octet) {
        return (KINDS[octet & 0xff] & VALUE) != 0;
    }

    /** Visible ASCII. */
    static boolean isTarget(byte octet) {
        return (KINDS[octet & 0xff] & TARGET) != 0;
    }

    static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }
}
