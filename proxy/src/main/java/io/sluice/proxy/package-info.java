/**
 * The reverse proxy as a program. {@link io.sluice.proxy.ProxyProgram} wires pools, checks, traffic and admin API together from {@link
 * io.sluice.proxy.ProxySettings}; {@link io.sluice.proxy.Main} runs it as a process. Nothing here decides anything about a request or a
 * pool.
 */
@NullMarked
package io.sluice.proxy;

import org.jspecify.annotations.NullMarked;
