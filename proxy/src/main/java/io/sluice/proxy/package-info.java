/**
 * The reverse proxy as a program. {@link io.sluice.proxy.ProxyProgram} wires pools, checks, traffic and admin API together from {@link
 * io.sluice.proxy.ProxySettings}. Nothing here decides anything about a request or a pool, or runs a process: the command line does.
 */
@NullMarked
package io.sluice.proxy;

import org.jspecify.annotations.NullMarked;
