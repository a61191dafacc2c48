/**
 * Turns an nginx configuration into a {@code proxy.yaml}: {@link io.sluice.nginx.NginxImport}. Every directive ends up in the settings, or in a
 * finding that names file, line and reason. What may not be reached without a check that cannot be carried over is closed rather than opened,
 * and what cannot be carried over keeps its place, so that its requests do not end up somewhere else. Knows the proxy's settings, none of its code.
 */
@NullMarked
package io.sluice.nginx;

import org.jspecify.annotations.NullMarked;
