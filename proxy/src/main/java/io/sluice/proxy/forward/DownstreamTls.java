package io.sluice.proxy.forward;

/**
 * How a client connection is encrypted.
 *
 * @param version {@code TLSv1.3}, say
 * @param cipher the cipher suite, by its name in the standard
 */
public record DownstreamTls(String version, String cipher) {}
