/**
 * Binds clients to backends by a signed cookie. {@link io.sluice.proxy.sticky.StickyCookie} makes and reads its value, which names a backend's
 * id and nothing else of it. It knows neither requests nor pools; whether a bound backend may get the request is the pool's to say.
 */
@NullMarked
package io.sluice.proxy.sticky;

import org.jspecify.annotations.NullMarked;
