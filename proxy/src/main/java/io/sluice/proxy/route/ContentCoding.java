package io.sluice.proxy.route;

/** A way to make a response smaller (RFC 9110 §8.4.1). */
public enum ContentCoding {
    /** RFC 1952. */
    GZIP("gzip"),
    /** RFC 7932. */
    BROTLI("br"),
    /** RFC 8878. */
    ZSTD("zstd");

    private final String token;

    ContentCoding(String token) {
        this.token = token;
    }

    /** What it is called in {@code Content-Encoding}. */
    public String token() {
        return token;
    }
}
