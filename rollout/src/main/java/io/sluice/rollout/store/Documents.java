package io.sluice.rollout.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;

/** Configuration documents and bundles under their hash. Immutable, so that writing one twice is harmless. */
public interface Documents {
    /** Completes once the document is durable. */
    Future<Void> put(String hash, JsonNode document);

    /** Fails with {@link java.util.NoSuchElementException} when there is none of that name. */
    Future<JsonNode> get(String hash);
}
