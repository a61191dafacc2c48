package io.sluice.proxy.forward;

import io.sluice.proxy.http1.MessageWriter;

/** Names and lines that are written often, as octets. */
final class HeaderNames {
    static final byte[] HOST = MessageWriter.ascii("Host");
    static final byte[] CONNECTION = MessageWriter.ascii("Connection");
    static final byte[] CONTENT_LENGTH = MessageWriter.ascii("Content-Length");
    static final byte[] CONTENT_TYPE = MessageWriter.ascii("Content-Type");
    static final byte[] UPGRADE = MessageWriter.ascii("Upgrade");
    static final byte[] SET_COOKIE = MessageWriter.ascii("Set-Cookie");
    static final byte[] RETRY_AFTER = MessageWriter.ascii("Retry-After");
    static final byte[] ALLOW = MessageWriter.ascii("Allow");
    static final byte[] LOCATION = MessageWriter.ascii("Location");
    static final byte[] DATE = MessageWriter.ascii("Date");
    static final byte[] ETAG = MessageWriter.ascii("ETag");
    static final byte[] LAST_MODIFIED = MessageWriter.ascii("Last-Modified");
    static final byte[] EXPIRES = MessageWriter.ascii("Expires");
    static final byte[] CACHE_CONTROL = MessageWriter.ascii("Cache-Control");
    static final byte[] CONTENT_RANGE = MessageWriter.ascii("Content-Range");
    static final byte[] ACCEPT_RANGES = MessageWriter.ascii("Accept-Ranges");
    static final byte[] CONTENT_ENCODING = MessageWriter.ascii("Content-Encoding");
    static final byte[] VARY = MessageWriter.ascii("Vary");
    static final byte[] MAX_FORWARDS = MessageWriter.ascii("Max-Forwards");
    static final byte[] VIA = MessageWriter.ascii("Via");
    static final byte[] FORWARDED = MessageWriter.ascii("Forwarded");
    static final byte[] FORWARDED_FOR = MessageWriter.ascii("X-Forwarded-For");
    static final byte[] FORWARDED_PROTO = MessageWriter.ascii("X-Forwarded-Proto");
    static final byte[] FORWARDED_HOST = MessageWriter.ascii("X-Forwarded-Host");
    static final byte[] REAL_IP = MessageWriter.ascii("X-Real-IP");
    static final byte[] TRACEPARENT = MessageWriter.ascii("traceparent");
    static final byte[] TRACESTATE = MessageWriter.ascii("tracestate");
    static final byte[] REQUEST_ID = MessageWriter.ascii("X-Request-ID");

    static final byte[] CHUNKED_LINE = MessageWriter.ascii("Transfer-Encoding: chunked\r\n");
    static final byte[] UPGRADE_LINE = MessageWriter.ascii("Connection: upgrade\r\n");

    private HeaderNames() {}
}
