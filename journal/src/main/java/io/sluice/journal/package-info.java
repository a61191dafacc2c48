/** The durable log: append, group commit, recovery, snapshot. Knows nothing of Vert.x or of what its records mean. */
@NullMarked
package io.sluice.journal;

import org.jspecify.annotations.NullMarked;
