package io.sluice.instance;

import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.ConfigurationReader;
import io.sluice.instance.configuration.ConfigurationWriter;
import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.instance.configuration.GenerationStore;
import io.sluice.instance.configuration.InvalidConfigurationException;
import io.sluice.instance.configuration.StartingConfiguration;
import io.sluice.instance.outbox.Outbox;
import io.sluice.journal.JournalException;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingProblem;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an instance has on disk, opened. */
record Storage(Outbox outbox, CurrentConfiguration configuration, ConfigurationWriter writer) {
    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

    /** Blocks. The outbox comes first: its lock keeps a second process out of the folder. */
    static Storage open(InstanceSettings settings, Map<String, String> environment, Clock clock) {
        Path folder = settings.dataFolder();
        Outbox outbox = outbox(folder.resolve("outbox"), settings, clock);
        try {
            GenerationStore store = new GenerationStore(folder.resolve("config"));
            ConfigurationReader reader = new ConfigurationReader(environment, settings.requireAuth());
            Configuration first = new StartingConfiguration(store, reader, settings.seeds(), clock).find();
            LOG.info(
                    "{} runs configuration generation {} ({}), {} webhooks, hash {}",
                    settings.id(),
                    first.generation(),
                    first.origin().source(),
                    first.webhooks().size(),
                    first.hash());
            first.warnings().forEach(warning -> LOG.warn("configuration: {}", warning));
            CurrentConfiguration current = new CurrentConfiguration(first);
            return new Storage(outbox, current, new ConfigurationWriter(current, store, reader, clock));
        } catch (InvalidConfigurationException e) {
            outbox.close();
            throw unusable(settings, e);
        } catch (RuntimeException e) {
            outbox.close();
            throw e;
        }
    }

    private static Outbox outbox(Path folder, InstanceSettings settings, Clock clock) {
        try {
            return Outbox.open(folder, settings.outbox(), clock);
        } catch (JournalException e) {
            throw new StartException("the outbox in " + folder + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** A configuration that cannot run is as final as a wrong setting, and shown like one. */
    private static InvalidSettingsException unusable(InstanceSettings settings, InvalidConfigurationException e) {
        return new InvalidSettingsException(e.problems().stream()
                .map(problem -> new SettingProblem(
                        source(settings, problem.file()),
                        problem.pointer(),
                        null,
                        problem.message() + (problem.hint() == null ? "" : "; " + problem.hint()),
                        null))
                .toList());
    }

    private static String source(InstanceSettings settings, String file) {
        return switch (file) {
            case "webhooks" -> settings.seeds().webhooks().toString();
            case "connections" -> settings.seeds().connections().toString();
            default -> file;
        };
    }
}
