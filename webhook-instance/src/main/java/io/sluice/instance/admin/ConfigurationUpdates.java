package io.sluice.instance.admin;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.instance.configuration.ConfigurationChange;
import io.sluice.instance.configuration.ConfigurationWriter;
import io.sluice.instance.configuration.InvalidConfigurationException;
import io.sluice.instance.configuration.UpdateOutcome;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.Locale;

/** Hands changes to the one writer, one after the other, off the event loops, and counts how they end. */
public final class ConfigurationUpdates {
    private final WorkerExecutor executor;
    private final ConfigurationWriter writer;
    private final MeterRegistry registry;

    /**
     * Updates through one writer.
     *
     * @param executor has a single thread, which is what serialises the changes
     */
    public ConfigurationUpdates(WorkerExecutor executor, ConfigurationWriter writer, MeterRegistry registry) {
        this.executor = executor;
        this.writer = writer;
        this.registry = registry;
    }

    Future<UpdateOutcome> update(byte[] body) {
        return counted(executor.executeBlocking(() -> {
            try {
                return writer.update(ConfigurationChange.parse(body));
            } catch (InvalidConfigurationException e) {
                return UpdateOutcome.Refused.invalid(e);
            }
        }));
    }

    Future<UpdateOutcome> restore(String hash) {
        return counted(executor.executeBlocking(() -> writer.restore(hash)));
    }

    private Future<UpdateOutcome> counted(Future<UpdateOutcome> outcome) {
        return outcome.onComplete(done -> {
            String result = done.succeeded()
                    ? done.result()
                            .match(
                                    accepted -> accepted.changed() ? "accepted" : "unchanged",
                                    refused -> refused.reason().name().toLowerCase(Locale.ROOT))
                    : "failed";
            registry.counter("config_reload", "result", result).increment();
        });
    }
}
