package io.sluice.instance.configuration;

import io.sluice.instance.api.ConfigProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what an instance runs when it starts: what it ran last, as stored; if that cannot be read or cannot run, the newest stored
 * generation before it that can (source {@code last_known_good}); the seed files only while nothing was ever stored, or when nothing
 * stored can be used. With nothing that can run it does not start. Blocks.
 */
public final class StartingConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(StartingConfiguration.class);

    private final GenerationStore store;
    private final ConfigurationReader reader;
    private final SeedFiles seeds;
    private final Clock clock;
    private final List<ConfigProblem> problems = new ArrayList<>();

    public StartingConfiguration(GenerationStore store, ConfigurationReader reader, SeedFiles seeds, Clock clock) {
        this.store = store;
        this.reader = reader;
        this.seeds = seeds;
        this.clock = clock;
    }

    /**
     * The configuration to start with; one from seed files has been stored as a generation.
     *
     * @throws InvalidConfigurationException when there is none, with the problems of everything that was tried
     */
    public Configuration find() {
        if (store.isEmpty()) {
            return fromSeeds(1, Origin.Source.SEED_FILES);
        }
        OptionalLong current = store.current();
        if (current.isEmpty()) {
            LOG.error("The pointer to the current configuration cannot be read; looking for the newest that can run");
        }
        for (long number : candidates(current)) {
            boolean wanted = current.isPresent() && current.getAsLong() == number;
            Configuration found = stored(number, wanted);
            if (found != null) {
                tellOfOtherSeeds(found);
                return found;
            }
        }
        LOG.error("No stored configuration can run; falling back to the seed files");
        long next = Math.max(
                        current.orElse(0),
                        store.generations().stream().findFirst().orElse(0L))
                + 1;
        return fromSeeds(next, Origin.Source.LAST_KNOWN_GOOD);
    }

    /** A newer file than {@code current} names was never acknowledged to anybody, so it does not count unless the pointer is lost. */
    private List<Long> candidates(OptionalLong current) {
        List<Long> numbers = new ArrayList<>(store.generations());
        current.ifPresent(newest -> {
            numbers.removeIf(number -> number >= newest);
            numbers.add(0, newest);
        });
        return numbers;
    }

    private @Nullable Configuration stored(long number, boolean wanted) {
        try {
            StoredGeneration generation = store.load(number);
            Origin origin = wanted
                    ? generation.origin()
                    : new Origin(
                            Origin.Source.LAST_KNOWN_GOOD, generation.origin().since());
            return reader.read(generation.documents(), number, origin);
        } catch (GenerationStore.DamagedException e) {
            LOG.error("Stored configuration {} is damaged: {}", number, e.getMessage());
            problems.add(new ConfigProblem("", "gen-" + number, "damaged", String.valueOf(e.getMessage()), null));
        } catch (InvalidConfigurationException e) {
            LOG.error("Stored configuration {} cannot run here:\n{}", number, e.getMessage());
            problems.addAll(e.problems());
        }
        return null;
    }

    private Configuration fromSeeds(long generation, Origin.Source source) {
        Origin origin = new Origin(source, clock.instant());
        Configuration first;
        try {
            first = reader.read(seeds.read(), generation, origin);
        } catch (InvalidConfigurationException e) {
            problems.addAll(e.problems());
            throw new InvalidConfigurationException(problems);
        }
        try {
            store.save(new StoredGeneration(generation, origin, first.documents()));
        } catch (IOException e) {
            throw new UncheckedIOException("the first configuration cannot be stored", e);
        }
        return first;
    }

    private void tellOfOtherSeeds(Configuration running) {
        try {
            if (!seeds.read().equals(running.documents())) {
                LOG.info(
                        "Generation {} runs, as stored; {} and {} differ from it and count only for an instance with an empty"
                                + " data folder. Push them to make them run.",
                        running.generation(),
                        seeds.webhooks(),
                        seeds.connections());
            }
        } catch (InvalidConfigurationException e) {
            LOG.warn("The seed files are not used, but they are wrong:\n{}", e.getMessage());
        }
    }
}
