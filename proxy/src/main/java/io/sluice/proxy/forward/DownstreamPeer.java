package io.sluice.proxy.forward;

import org.jspecify.annotations.Nullable;

/**
 * The other end of a client connection, in the forms that request headers need; made once per connection.
 *
 * @param address without port
 * @param trusted whether its word about who the client is counts
 * @param scheme {@code http} or {@code https}
 * @param forwarded its element of the {@code Forwarded} header (RFC 7239)
 * @param tls absent when the connection is not encrypted
 */
public record DownstreamPeer(
        String address,
        boolean trusted,
        String scheme,
        String forwarded,
        @Nullable DownstreamTls tls) {
    public static DownstreamPeer of(String address, boolean trusted, String scheme) {
        String node = address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address;
        return new DownstreamPeer(address, trusted, scheme, "for=" + node + ";proto=" + scheme, null);
    }

    public DownstreamPeer with(DownstreamTls encryption) {
        return new DownstreamPeer(address, trusted, scheme, forwarded, encryption);
    }
}
