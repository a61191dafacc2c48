/**
 * What it costs to assign a request to a backend and to give it back, while the pool changes. {@link
 * io.sluice.benchmarks.balance.AssignmentBenchmark} is run by JMH.
 */
@NullMarked
package io.sluice.benchmarks.balance;

import org.jspecify.annotations.NullMarked;
