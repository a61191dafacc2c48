/**
 * What the proxy's admin API speaks: paths, headers and the records in request and response bodies (camelCase JSON). Shared by the
 * proxy, which serves them, and by everything that calls it. Holds no logic of either side.
 */
@NullMarked
package io.sluice.proxy.api;

import org.jspecify.annotations.NullMarked;
