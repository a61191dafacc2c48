/**
 * Numbers for Prometheus. {@link io.sluice.service.metrics.Metrics} owns one registry per program, never a global one, so that several
 * programs can live in one process. Knows no meter of any program.
 */
@NullMarked
package io.sluice.service.metrics;

import org.jspecify.annotations.NullMarked;
