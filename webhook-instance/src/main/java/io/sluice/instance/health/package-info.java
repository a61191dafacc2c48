/**
 * How this instance is: {@link io.sluice.instance.health.Health} puts its checks, its configuration and its drain into one report. What
 * lies downstream is only looked at when asked ({@link io.sluice.instance.health.ConnectionProbes}) and never makes the instance
 * unhealthy, since the outbox absorbs it.
 */
@NullMarked
package io.sluice.instance.health;

import org.jspecify.annotations.NullMarked;
