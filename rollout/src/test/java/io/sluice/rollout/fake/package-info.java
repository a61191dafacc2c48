/**
 * Small stand-ins, over real sockets, for the programs that the engine calls. They keep just the promises of the contract that the
 * engine relies on, record what they were asked, and can be told to misbehave.
 */
@NullMarked
package io.sluice.rollout.fake;

import org.jspecify.annotations.NullMarked;
