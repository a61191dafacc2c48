/**
 * Replaces a running proxy by a new process without a gap. {@link io.sluice.proxy.takeover.TakeOver} is the new process's side, {@link
 * io.sluice.proxy.takeover.HandOver} that of the old one; they talk through a Unix domain socket in the data folder. The new one asks for one thing after
 * the other (the journal, the listening sockets, the admin port, the place); until it has asked for the last, its end gives everything back.
 */
@NullMarked
package io.sluice.proxy.takeover;

import org.jspecify.annotations.NullMarked;
