/**
 * The proxy's public side: accepts connections, bounds their number and their time, and starts and stops. {@link
 * io.sluice.proxy.listener.TrafficListener} is what a program starts; it runs one event loop per core, each with a {@link
 * io.sluice.proxy.forward.Forwarder} of its own, to which every request goes. What is spoken on a connection (TLS, HTTP/1.x, HTTP/2) is known here
 * alone.
 */
@NullMarked
package io.sluice.proxy.listener;

import org.jspecify.annotations.NullMarked;
