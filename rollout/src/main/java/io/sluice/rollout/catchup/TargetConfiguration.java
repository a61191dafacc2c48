package io.sluice.rollout.catchup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Both documents that an instance should run, and the bundle hash that it then reports. */
public record TargetConfiguration(String hash, JsonNode webhooks, JsonNode connections) {
    ObjectNode bundle() {
        ObjectNode bundle = JsonNodeFactory.instance.objectNode();
        bundle.set("webhooks", webhooks);
        bundle.set("connections", connections);
        return bundle;
    }
}
