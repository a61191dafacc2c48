/**
 * One exchange: from a client's request head to the last byte of its response, with all its attempts. {@link io.sluice.proxy.forward.Forwarder}
 * is the entry, one per event loop; it and everything it starts stay on that loop, upstream connections included, so nothing here is locked.
 * Header rules, the retry table ({@link io.sluice.proxy.forward.Failure}), timeouts, streaming and tunnels live here. What it observes goes to
 * {@link io.sluice.proxy.forward.ExchangeObserver}; it knows neither metrics nor logs, and changes no pool.
 */
@NullMarked
package io.sluice.proxy.forward;

import org.jspecify.annotations.NullMarked;
