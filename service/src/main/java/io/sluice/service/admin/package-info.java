/**
 * The HTTP side of operating a process. {@link io.sluice.service.admin.AdminServer} is a listener on which everything needs the token
 * unless it is said to be open; the handlers it is made of serve programs that bring their own listener. {@link
 * io.sluice.service.admin.EventStream} sends server-sent events. Knows no endpoint of any program.
 */
@NullMarked
package io.sluice.service.admin;

import org.jspecify.annotations.NullMarked;
