package io.sluice.proxy.listener;

import io.sluice.proxy.tls.TlsSettings;
import io.sluice.service.settings.SettingsReader;
import org.jspecify.annotations.Nullable;

/**
 * What the listener speaks beside HTTP/1.x.
 *
 * @param http2 whether clients without TLS may begin to speak HTTP/2 right away (RFC 9113 §3.3)
 * @param proxyProtocol whether each connection has to begin with a PROXY protocol header, from a trusted peer
 * @param tls absent when it is not spoken
 */
public record ProtocolSettings(
        boolean http2, boolean proxyProtocol, @Nullable TlsSettings tls) {
    /** Reads {@code http2}, {@code proxy-protocol} and a section {@code tls}. */
    static ProtocolSettings read(SettingsReader reader) {
        boolean http2 = reader.flag("http2", false);
        boolean proxyProtocol = reader.flag("proxy-protocol", false);
        if (proxyProtocol && reader.texts("trusted-peers").isEmpty()) {
            reader.problem("proxy-protocol", "true", "trusted-peers that may tell who a client is");
        }
        TlsSettings tls = reader.has("tls") ? TlsSettings.read(reader.section("tls")) : null;
        return new ProtocolSettings(http2, proxyProtocol, tls);
    }
}
