package io.sluice.instance.receive;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.instance.configuration.DedupPolicy;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Finds the sender's own name for a delivery, which is the same each time it tries. */
final class DeliveryKey {
    /** Headers of well-known senders that name one delivery; the first that is present counts. */
    private static final List<String> HEADERS = List.of(
            "webhook-id",
            "svix-id",
            "x-github-delivery",
            "x-shopify-webhook-id",
            "x-gitea-delivery",
            "x-gogs-delivery",
            "idempotency-key");

    private static final int MOST_CHARACTERS = 256;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private DeliveryKey() {}

    /** By the webhook's policy, or by the headers of well-known senders. A name that is empty, repeated or endless is none. */
    static Optional<String> of(Optional<DedupPolicy> policy, MultiMap headers, byte[] body) {
        return policy.map(DedupPolicy::key)
                .map(key -> key.match(header -> header(headers, header.name()), pointer -> at(pointer.pointer(), body)))
                .orElseGet(() -> HEADERS.stream()
                        .flatMap(name -> header(headers, name).stream())
                        .findFirst());
    }

    private static Optional<String> header(MultiMap headers, String name) {
        List<String> values = headers.getAll(name);
        return values.size() == 1 ? usable(values.get(0)) : Optional.empty();
    }

    private static Optional<String> at(JsonPointer pointer, byte[] body) {
        try {
            JsonNode found = MAPPER.readTree(body).at(pointer);
            return found.isTextual() || found.isNumber() ? usable(found.asText()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> usable(String value) {
        return value.isBlank() || value.length() > MOST_CHARACTERS ? Optional.empty() : Optional.of(value);
    }
}
