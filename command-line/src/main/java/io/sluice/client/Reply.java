package io.sluice.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sluice.service.json.Json;
import io.sluice.service.problem.Problem;
import java.net.http.HttpHeaders;
import java.util.Optional;

/** An answer, whatever its status. */
public record Reply(int status, HttpHeaders headers, String text) {
    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** The body as a tree; a missing node when it is not JSON. */
    public JsonNode json() {
        try {
            return Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** This answer if it is a success. */
    public Reply orThrow() {
        if (status >= 400) {
            throw new RefusedException(Problem.fromJson(json(), status));
        }
        return this;
    }
}
