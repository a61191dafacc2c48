/** Decisions of the engine, one at a time. */
@NullMarked
package io.sluice.rollout.engine;

import org.jspecify.annotations.NullMarked;
