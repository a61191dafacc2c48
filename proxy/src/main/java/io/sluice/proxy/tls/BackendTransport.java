package io.sluice.proxy.tls;

import org.jspecify.annotations.Nullable;

/**
 * How the backends of a pool are spoken to.
 *
 * @param tls absent without TLS
 * @param http2 whether in HTTP/2, from the first byte
 */
public record BackendTransport(@Nullable BackendTls tls, boolean http2) {
    /** HTTP/1.1 on TCP. */
    public static final BackendTransport PLAIN = new BackendTransport(null, false);
}
