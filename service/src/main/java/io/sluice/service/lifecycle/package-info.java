/**
 * How a Sluice process starts and stops: a {@link io.sluice.service.lifecycle.Component} is anything that does, a {@link
 * io.sluice.service.lifecycle.Lifecycle} strings several together, a {@link io.sluice.service.lifecycle.ProcessRunner} makes one a process
 * with signals and exit codes. Knows nothing of what the components do.
 */
@NullMarked
package io.sluice.service.lifecycle;

import org.jspecify.annotations.NullMarked;
