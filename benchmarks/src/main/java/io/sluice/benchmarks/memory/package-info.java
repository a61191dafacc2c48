/** Clients for measuring how much memory a proxy needs: {@code benchmarks/memory}. */
@NullMarked
package io.sluice.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
