package io.sluice.instance.deliver;

import io.sluice.instance.configuration.ModuleSettings;
import io.vertx.core.Future;

/** The modules there are; which one a step uses is the type of its settings. */
record Modules(
        DeliveryModule<ModuleSettings.Log> log,
        DeliveryModule<ModuleSettings.SaveToDisk> saveToDisk,
        DeliveryModule<ModuleSettings.HttpWebhook> httpWebhook) {
    Future<Outcome> deliver(Delivery delivery, ModuleSettings settings) {
        return settings.match(
                toLog -> log.deliver(delivery, toLog),
                toDisk -> saveToDisk.deliver(delivery, toDisk),
                toServer -> httpWebhook.deliver(delivery, toServer));
    }
}
