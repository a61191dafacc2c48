/**
 * Which pool a request belongs to, and under which rules it is forwarded. {@link io.sluice.proxy.route.RouteTable} matches host and
 * path of a request against {@link io.sluice.proxy.route.Route}s; the path is matched on a normalised copy ({@link
 * io.sluice.proxy.route.PathNormalizer}), while the original bytes are what gets forwarded. Knows pools only by name.
 */
@NullMarked
package io.sluice.proxy.route;

import org.jspecify.annotations.NullMarked;
