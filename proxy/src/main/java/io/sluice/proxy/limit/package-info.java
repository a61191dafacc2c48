/**
 * How often a client may ask: {@link io.sluice.proxy.limit.RateLimiter} counts the requests of each key of a zone with a leaky bucket, {@link
 * io.sluice.proxy.limit.RouteLimits} applies all limits of one route. Shared by all event loops without locks. Knows nothing of requests: a key
 * is a number that the caller makes ({@link io.sluice.proxy.limit.KeyHash}).
 */
@NullMarked
package io.sluice.proxy.limit;

import org.jspecify.annotations.NullMarked;
