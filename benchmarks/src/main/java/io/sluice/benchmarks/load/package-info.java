/** Load from outside: clients that know nothing of the proxy but HTTP. */
@NullMarked
package io.sluice.benchmarks.load;

import org.jspecify.annotations.NullMarked;
