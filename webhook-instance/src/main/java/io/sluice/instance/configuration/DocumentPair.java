package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigHash;

/** Both documents as they were pushed, {@code {$VAR}} unsubstituted, with their canonical hashes. Equal when their hashes are. */
public final class DocumentPair {
    private final JsonNode webhooks;
    private final JsonNode connections;
    private final String webhooksVersion;
    private final String connectionsVersion;
    private final String hash;

    public DocumentPair(JsonNode webhooks, JsonNode connections) {
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
