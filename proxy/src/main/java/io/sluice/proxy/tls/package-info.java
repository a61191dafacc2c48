/**
 * What TLS needs, read from files and read again when they change. {@link io.sluice.proxy.tls.Certificates}: what clients are shown, chosen by the
 * name that they ask for. {@link io.sluice.proxy.tls.BackendTls}: which backends are believed, and what they are shown. Knows nothing of HTTP.
 */
@NullMarked
package io.sluice.proxy.tls;

import org.jspecify.annotations.NullMarked;
