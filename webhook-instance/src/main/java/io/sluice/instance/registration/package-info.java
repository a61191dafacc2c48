/**
 * Registers the instance with proxies, so that nobody has to tell them of it: {@link io.sluice.instance.registration.Registrations} keeps one registration
 * alive at each proxy. It speaks the proxy's admin API by its JSON, and knows nothing of webhooks.
 */
@NullMarked
package io.sluice.instance.registration;

import org.jspecify.annotations.NullMarked;
