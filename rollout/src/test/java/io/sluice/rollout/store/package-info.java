/** Tests of what is kept on disk, on a real disk. */
@NullMarked
package io.sluice.rollout.store;

import org.jspecify.annotations.NullMarked;
