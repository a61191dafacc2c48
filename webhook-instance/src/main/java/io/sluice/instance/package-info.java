/**
 * The webhook receiver as a program. {@link io.sluice.instance.InstanceProgram} wires its parts together and starts and stops them in
 * order, from {@link io.sluice.instance.InstanceSettings} and what the command line hands it: clocks, environment, a Vert.x.
 */
@NullMarked
package io.sluice.instance;

import org.jspecify.annotations.NullMarked;
