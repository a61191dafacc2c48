/**
 * Backends that register themselves: each holds a lease, which its heartbeats renew, and leaves its pool by saying so or by falling silent. The main
 * type is {@link io.sluice.proxy.registration.RegistrationDesk}. It knows pools and nothing of HTTP.
 */
@NullMarked
package io.sluice.proxy.registration;

import org.jspecify.annotations.NullMarked;
