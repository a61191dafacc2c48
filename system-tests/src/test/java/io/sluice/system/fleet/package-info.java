/** A fleet of real processes on loopback: a proxy, instances and an engine, each of which a test may kill and start again. */
@NullMarked
package io.sluice.system.fleet;

import org.jspecify.annotations.NullMarked;
