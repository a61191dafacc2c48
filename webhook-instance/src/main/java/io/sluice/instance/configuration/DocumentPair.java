package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigHash;
import java.util.Map;

/** Both documents as they were pushed, {@code {$VAR}} unsubstituted, with their canonical hashes. Equal when their hashes are. */
public final class DocumentPair {
    private final JsonNode webhooks;
    private final JsonNode connections;
    private final String webhooksVersion;
    private final String connectionsVersion;
    private final String hash;

    /**
     * Both documents; copies are kept.
     *
     * @throws InvalidConfigurationException when one is no object
     */
    public DocumentPair(JsonNode webhooks, JsonNode connections) {
        Reading reading = new Reading(new Placeholders(Map.of()));
        ObjectCursor.of(webhooks, Place.root(WebhookReader.FILE), reading);
        ObjectCursor.of(connections, Place.root(ConnectionReader.FILE), reading);
        if (!reading.problems().isEmpty()) {
            throw new InvalidConfigurationException(reading.problems().all());
        }
        this.webhooks = webhooks.deepCopy();
        this.connections = connections.deepCopy();
        this.webhooksVersion = ConfigHash.of(webhooks);
        this.connectionsVersion = ConfigHash.of(connections);
        this.hash = ConfigHash.ofBundle(webhooks, connections);
    }

    /** Not a copy: read it only. */
    public JsonNode webhooks() {
        return webhooks;
    }

    /** Not a copy: read it only. */
    public JsonNode connections() {
        return connections;
    }

    public String webhooksVersion() {
        return webhooksVersion;
    }

    public String connectionsVersion() {
        return connectionsVersion;
    }

    public String hash() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DocumentPair that && hash.equals(that.hash);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return "DocumentPair[" + hash + "]";
    }
}
