/**
 * Backends by DNS: a name is looked up again and again, and what changed among its addresses is changed in the pool. The main type is {@link
 * io.sluice.proxy.discovery.Discovery}. It knows pools and nothing of traffic; it speaks DNS through Netty's resolver, because that of Vert.x tells no
 * time to live and does not ask again by TCP.
 */
@NullMarked
package io.sluice.proxy.discovery;

import org.jspecify.annotations.NullMarked;
