/**
 * What the traffic path and the checks tell, as metrics ({@link io.sluice.proxy.observe.TrafficMetrics}) and as an access log ({@link
 * io.sluice.proxy.observe.AccessLog}). It implements interfaces of those it observes and nothing depends on it. Labels are bounded: routes and
 * pools of the configuration, backends for as long as they are in a pool, kinds of failures; never anything that a client chooses.
 */
@NullMarked
package io.sluice.proxy.observe;

import org.jspecify.annotations.NullMarked;
