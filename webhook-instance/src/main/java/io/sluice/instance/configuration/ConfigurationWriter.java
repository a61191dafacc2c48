package io.sluice.instance.configuration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only one that changes the running configuration: check the whole pair, store it, then swap the one reference. What is not stored
 * never runs, and what does not pass is never stored. Blocks; the caller sees to it that one thread at a time is here.
 */
public final class ConfigurationWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationWriter.class);

    private final CurrentConfiguration current;
    private final GenerationStore store;
    private final ConfigurationReader reader;
    private final Clock clock;
    private long highest;

    public ConfigurationWriter(
            CurrentConfiguration current, GenerationStore store, ConfigurationReader reader, Clock clock) {
        this.current = current;
        this.store = store;
        this.reader = reader;
        this.clock = clock;
        long stored = store.generations().stream().findFirst().orElse(0L);
        this.highest = Math.max(
                Math.max(stored, store.current().orElse(0)), current.get().generation());
    }

    /** Replaces one document or both. Sending again what runs already changes nothing, whatever it was conditional on. */
    public UpdateOutcome update(ConfigurationChange change) {
        Configuration now = current.get();
        DocumentPair wanted;
        try {
            wanted = change.appliedTo(now.documents());
        } catch (InvalidConfigurationException e) {
            return UpdateOutcome.Refused.invalid(e);
        }
        if (wanted.equals(now.documents())) {
            return new UpdateOutcome.Accepted(false, now);
        }
        Optional<UpdateOutcome> conflict = conflict(change, now);
        if (conflict.isPresent()) {
            return conflict.get();
        }
        return change.validateOnly() ? validate(wanted, now) : apply(wanted, Origin.Source.PUSH);
    }

    /** Goes back to a stored configuration, as a new generation. */
    public UpdateOutcome restore(String hash) {
        Configuration now = current.get();
        if (hash.equals(now.hash())) {
            return new UpdateOutcome.Accepted(false, now);
        }
        return stored(hash)
                .map(documents -> apply(documents, Origin.Source.RESTORE))
                .orElseGet(() -> new UpdateOutcome.Refused(
                        UpdateOutcome.Reason.UNKNOWN_HASH,
                        "hash: none of the last ten configurations has it",
                        List.of()));
    }

    private Optional<DocumentPair> stored(String hash) {
        for (long number : store.generations()) {
            try {
                StoredGeneration generation = store.load(number);
                if (generation.documents().hash().equals(hash)) {
                    return Optional.of(generation.documents());
                }
            } catch (GenerationStore.DamagedException e) {
                LOG.warn("Stored configuration {} is damaged: {}", number, e.getMessage());
            }
        }
        return Optional.empty();
    }

    private static Optional<UpdateOutcome> conflict(ConfigurationChange change, Configuration now) {
        String hash = change.replacedHash(now);
        String message = null;
        if (change.ifHash() != null && !change.ifHash().equals(hash)) {
            message = "if_hash: " + change.ifHash() + " (running: " + hash + ")";
        } else if (change.ifGeneration() != null && change.ifGeneration() != now.generation()) {
            message = "if_generation: " + change.ifGeneration() + " (running: " + now.generation() + ")";
        }
        return Optional.ofNullable(message)
                .map(text -> new UpdateOutcome.Refused(UpdateOutcome.Reason.CONFLICT, text, List.of()));
    }

    private UpdateOutcome validate(DocumentPair wanted, Configuration now) {
        try {
            Origin origin = new Origin(Origin.Source.PUSH, clock.instant());
            return new UpdateOutcome.Accepted(true, reader.read(wanted, now.generation(), origin));
        } catch (InvalidConfigurationException e) {
            return UpdateOutcome.Refused.invalid(e);
        }
    }

    private UpdateOutcome apply(DocumentPair wanted, Origin.Source source) {
        Origin origin = new Origin(source, clock.instant());
        Configuration next;
        try {
            next = reader.read(wanted, highest + 1, origin);
        } catch (InvalidConfigurationException e) {
            return UpdateOutcome.Refused.invalid(e);
        }
        highest = next.generation();
        try {
            store.save(new StoredGeneration(next.generation(), origin, wanted));
        } catch (IOException | UncheckedIOException e) {
            LOG.error(
                    "Configuration {} cannot be stored; {} goes on",
                    next.generation(),
                    current.get().generation(),
                    e);
            return new UpdateOutcome.Refused(
                    UpdateOutcome.Reason.NOT_STORED, "the configuration cannot be stored: " + e, List.of());
        }
        current.replace(next);
        return new UpdateOutcome.Accepted(true, next);
    }
}
