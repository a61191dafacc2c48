/** How long a rollout takes, seen from outside: a client of a fleet that runs already. Knows nothing of the programs but their HTTP APIs. */
@NullMarked
package io.sluice.benchmarks.rollout;

import org.jspecify.annotations.NullMarked;
