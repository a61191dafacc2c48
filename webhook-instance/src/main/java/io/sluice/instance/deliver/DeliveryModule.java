package io.sluice.instance.deliver;

import io.sluice.instance.configuration.ModuleSettings;
import io.vertx.core.Future;

/** Delivers to one kind of target. Called on the dispatcher's context, and again for the same event when in doubt. A failed future is a {@link Outcome.Retry}. */
interface DeliveryModule<S extends ModuleSettings> {
    Future<Outcome> deliver(Delivery delivery, S settings);
}
