/**
 * The webhook receiver as a program. {@link io.sluice.instance.InstanceProgram} wires its parts together and starts and stops them in
 * order, {@link io.sluice.instance.Main} makes a process of it. Only here are clocks, environment and settings files known.
 */
@NullMarked
package io.sluice.instance;

import org.jspecify.annotations.NullMarked;
