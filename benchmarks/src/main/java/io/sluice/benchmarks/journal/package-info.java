/**
 * How many records a second, and how fast, the journal makes durable, beside SQLite doing the same. Both get one writer thread with group
 * commit, so that what differs is the store.
 */
@NullMarked
package io.sluice.benchmarks.journal;

import org.jspecify.annotations.NullMarked;
