package io.sluice.instance.configuration;

import java.util.Map;

/**
 * Turns a pair of documents into a {@link Configuration}, or says everything that is wrong with them. Placeholders are filled in from the
 * environment that was handed in and from files, so reading blocks.
 */
public final class ConfigurationReader {
    private final Placeholders placeholders;
    private final boolean requireAuth;

    /**
     * A reader for one environment.
     *
     * @param requireAuth refuse a webhook that nobody verifies, unless it says {@code "auth": "none"}
     */
    public ConfigurationReader(Map<String, String> environment, boolean requireAuth) {
        this.placeholders = new Placeholders(environment);
        this.requireAuth = requireAuth;
    }

    /**
     * The configuration that both documents make.
     *
     * @throws InvalidConfigurationException listing every problem
     */
    public Configuration read(DocumentPair documents, long generation, Origin origin) {
        Reading reading = new Reading(placeholders);
        ConnectionReader.Connections connections = new ConnectionReader(reading).read(documents.connections());
        Map<String, Webhook> webhooks = new WebhookReader(reading, connections, requireAuth).read(documents.webhooks());
        if (!reading.problems().isEmpty()) {
            throw new InvalidConfigurationException(reading.problems().all());
        }
        return new Configuration(generation, documents, webhooks, connections.usable(), origin, reading.warnings());
    }
}
