/**
 * The proxy's admin API: reads and changes pools over HTTP, as {@code openapi.yaml} beside these classes says. {@link
 * io.sluice.proxy.admin.ProxyAdmin} adds the endpoints to an admin server. It decides nothing: changes are accepted or refused by the
 * pools, and the data path is only reached through {@link io.sluice.proxy.admin.BackendProber}.
 */
@NullMarked
package io.sluice.proxy.admin;

import org.jspecify.annotations.NullMarked;
