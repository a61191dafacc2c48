package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigHash;
import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.plan.PreImage;

/** Both documents of an instance together. */
record Bundle(JsonNode webhooks, JsonNode connections, long generation) {
    static Bundle of(ConfigDocuments documents) {
        return new Bundle(documents.webhooks(), documents.connections(), documents.generation());
    }

    /** The bundle after {@code document} has replaced its part. */
    Bundle with(ConfigType type, JsonNode document) {
        return switch (type) {
            case WEBHOOKS -> new Bundle(document, connections, generation);
            case CONNECTIONS -> new Bundle(webhooks, document, generation);
            case BUNDLE -> new Bundle(document.path("webhooks"), document.path("connections"), generation);
        };
    }

    String hash() {
        return ConfigHash.ofBundle(webhooks, connections);
    }

    PreImage image() {
        return new PreImage(hash(), ConfigHash.of(webhooks), ConfigHash.of(connections), generation);
    }

    JsonNode json() {
        ObjectNode bundle = JsonNodeFactory.instance.objectNode();
        bundle.set("webhooks", webhooks);
        bundle.set("connections", connections);
        return bundle;
    }
}
