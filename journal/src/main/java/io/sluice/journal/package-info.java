/**
 * The durable log: append, group commit, recovery, snapshot. {@link io.sluice.journal.Journal} is the way in: one writer thread
 * collects what many callers append, writes it, forces it to the disk once and only then completes their futures. Recovery keeps
 * every record that was ever acknowledged, cuts off a torn tail, and reports damage instead of hiding it. It knows nothing of
 * Vert.x or of what its records mean.
 */
@NullMarked
package io.sluice.journal;

import org.jspecify.annotations.NullMarked;
