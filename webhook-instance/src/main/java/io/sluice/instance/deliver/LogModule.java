package io.sluice.instance.deliver;

import io.sluice.instance.configuration.ModuleSettings;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the event as one line to the log. Delivered when the line was handed to the appender. */
final class LogModule implements DeliveryModule<ModuleSettings.Log> {
    private static final Logger LOG = LoggerFactory.getLogger("io.sluice.webhook");

    /** Longer bodies are cut in the line; the journal has them in full. */
    private static final int MOST_BODY_BYTES = 4096;

    @Override
    public Future<Outcome> deliver(Delivery delivery, ModuleSettings.Log settings) {
        int length = delivery.event().body().length();
        String body = new String(
                delivery.event().body().getBytes(0, Math.min(length, MOST_BODY_BYTES)), StandardCharsets.UTF_8);
        LOG.atInfo()
                .addKeyValue("webhook", delivery.event().webhookId())
                .addKeyValue("event_id", delivery.event().eventId())
                .addKeyValue("bytes", length)
                .addKeyValue("body", printable(body))
                .log("webhook received");
        return Future.succeededFuture(new Outcome.Delivered());
    }

    /** Control characters could forge lines. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
