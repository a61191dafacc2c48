/**
 * Whether this instance takes new requests, and how many it still works on. {@link io.sluice.instance.drain.DrainGate} is what each
 * request passes; {@link io.sluice.instance.drain.Drain} decides when it shuts, for whoever holds it. Nothing here knows of HTTP, and
 * nothing is kept over a restart.
 */
@NullMarked
package io.sluice.instance.drain;

import org.jspecify.annotations.NullMarked;
