package io.sluice.rollout.remote;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.sluice.service.json.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Optional;

/** A complete response of another program; which status is a success is for the caller to say. */
public record RemoteAnswer(String target, int status, MultiMap headers, Buffer body) {
    /** Another program may be newer than this one: what it says in addition is ignored. */
    private static final ObjectReader LENIENT =
            Json.mapper().reader().without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** The body as a record; throws a {@link RemoteFailure} of kind {@code MALFORMED} when it is something else. */
    public <T> T as(Class<T> type) {
        try {
            T value = LENIENT.forType(type).readValue(body.getBytes());
            if (value == null) {
                throw RemoteFailure.malformed(target, status, "an empty body", null);
            }
            return value;
        } catch (IOException e) {
            throw RemoteFailure.malformed(target, status, "not a " + type.getSimpleName(), e);
        }
    }

    /** The body as JSON, empty when it is none. */
    public Optional<JsonNode> json() {
        try {
            return Optional.ofNullable(LENIENT.readTree(body.getBytes()))
                    .filter(node -> !node.isMissingNode() && !node.isNull());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** This answer when it is a 2xx; else throws a {@link RemoteFailure} of kind {@code REFUSED} with what the other side said. */
    public RemoteAnswer orRefused() {
        if (isSuccess()) {
            return this;
        }
        throw RemoteFailure.refused(this);
    }
}
