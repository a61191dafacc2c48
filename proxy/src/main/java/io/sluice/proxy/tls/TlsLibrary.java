package io.sluice.proxy.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/**
 * Which implementation speaks TLS: BoringSSL where its native code is there, since handshakes cost it a fraction of what they cost the JDK. It does not let the
 * suites of TLS 1.3 be chosen, so that the JDK speaks where ciphers were. Nor can it end one half of a connection only: it answers a close by one of its own.
 */
final class TlsLibrary {
    private TlsLibrary() {}

    static SslProvider of(TlsSettings settings) {
        return OpenSsl.isAvailable() && settings.hasDefaultCiphers() ? SslProvider.OPENSSL : SslProvider.JDK;
    }
}
