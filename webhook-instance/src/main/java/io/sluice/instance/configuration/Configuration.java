package io.sluice.instance.configuration;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One complete, checked configuration. {@code generation} rises with every change of this instance and is what a journalled event
 * remembers; {@code warnings} are for people.
 */
public record Configuration(
        long generation,
        DocumentPair documents,
        Map<String, Webhook> webhooks,
        Map<String, Connection> connections,
        Origin origin,
        List<String> warnings) {
    public Configuration {
        if (generation < 1) {
            throw new IllegalArgumentException("generation: " + generation + " (expected: >= 1)");
        }
        webhooks = Collections.unmodifiableMap(new LinkedHashMap<>(webhooks));
        connections = Collections.unmodifiableMap(new LinkedHashMap<>(connections));
        warnings = List.copyOf(warnings);
    }

    /** Name of this configuration in the whole fleet: the hash of both documents. */
    public String hash() {
        return documents.hash();
    }

    public String webhooksVersion() {
        return documents.webhooksVersion();
    }

    public String connectionsVersion() {
        return documents.connectionsVersion();
    }

    public Optional<Webhook> webhook(String id) {
        return Optional.ofNullable(webhooks.get(id));
    }
}
