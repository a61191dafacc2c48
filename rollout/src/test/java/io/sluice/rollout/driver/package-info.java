/** A fleet in one thread with a time of its own, and what is proven on it about the engine. */
@NullMarked
package io.sluice.rollout.driver;

import org.jspecify.annotations.NullMarked;
