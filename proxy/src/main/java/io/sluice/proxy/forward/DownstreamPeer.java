package io.sluice.proxy.forward;

/**
 * The other end of a client connection, in the forms that request headers need; made once per connection.
 *
 * @param address without port
 * @param trusted whether its word about who the client is counts
 * @param scheme {@code http} or {@code https}
 * @param forwarded its element of the {@code Forwarded} header (RFC 7239)
 */
public record DownstreamPeer(String address, boolean trusted, String scheme, String forwarded) {
    public static DownstreamPeer of(String address, boolean trusted, String scheme) {
        String node = address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address;
        return new DownstreamPeer(address, trusted, scheme, "for=" + node + ";proto=" + scheme);
    }
}
