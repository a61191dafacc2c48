/**
 * The rollout engine as a program: {@link io.sluice.rollout.RolloutProgram} puts its parts together, with {@link
 * io.sluice.rollout.RolloutSettings} from {@code config/rollout.yaml}. The command line makes a process of it.
 */
@NullMarked
package io.sluice.rollout;

import org.jspecify.annotations.NullMarked;
