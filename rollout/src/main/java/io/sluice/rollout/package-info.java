/**
 * The rollout engine as a program: {@link io.sluice.rollout.RolloutProgram} puts its parts together, {@link io.sluice.rollout.Main} runs it
 * as a process with {@link io.sluice.rollout.RolloutSettings} from {@code config/rollout.yaml}.
 */
@NullMarked
package io.sluice.rollout;

import org.jspecify.annotations.NullMarked;
