/**
 * What the listener needs for TLS: certificates with their keys, read from files, chosen by the name that a client asks for, and read again when the
 * files change. {@link io.sluice.proxy.tls.Certificates} holds them. Knows nothing of HTTP.
 */
@NullMarked
package io.sluice.proxy.tls;

import org.jspecify.annotations.NullMarked;
