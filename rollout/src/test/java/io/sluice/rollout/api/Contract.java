package io.sluice.rollout.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.remote.RemoteAnswer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.contract.MediaType;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The served OpenAPI document as a judge of requests and responses. */
final class Contract {
    private static final String PROBLEM = "application/problem+json";

    private final OpenAPIContract contract;
    private final ResponseValidator responses;

    /** The validator knows no problem documents and no event streams: to it, the first are JSON and the second text. */
    Contract(Vertx vertx, byte[] yaml) {
        try {
            JsonNode document = new ObjectMapper(new YAMLFactory()).readTree(yaml);
            String json = document.toString()
                    .replace("\"" + PROBLEM + "\":", "\"application/json\":")
                    .replace("\"text/event-stream\":", "\"text/plain\":");
            contract = Await.value(OpenAPIContract.from(vertx, new JsonObject(json)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        responses = ResponseValidator.create(vertx, contract);
    }

    OpenAPIContract document() {
        return contract;
    }

    boolean allowsRequest(String operation, JsonObject body) {
        return errors(operation, body) == null;
    }

    private @Nullable String errors(String operation, JsonObject json) {
        Operation described = Objects.requireNonNull(contract.operation(operation), operation);
        MediaType body =
                Objects.requireNonNull(described.getRequestBody().getContent().get("application/json"));
        OutputUnit result =
                contract.getSchemaRepository().validator(body.getSchema()).validate(json);
        return Boolean.TRUE.equals(result.getValid()) ? null : String.valueOf(result.getErrors());
    }

    /** Fails unless the document describes this answer of the operation. */
    void check(String operation, RemoteAnswer answer) {
        Operation described = Objects.requireNonNull(contract.operation(operation), operation);
        assertThat(described.getResponse(answer.status()))
                .as("%s is to answer %d: %s", operation, answer.status(), answer.body())
                .isNotNull();
        Map<String, String> headers = new LinkedHashMap<>();
        answer.headers().forEach(headers::put);
        String type = answer.headers().get("content-type");
        if (answer.status() >= 400) {
            assertThat(type).isEqualTo(PROBLEM);
        }
        ValidatableResponse response = type == null
                ? ValidatableResponse.create(answer.status(), headers)
                : ValidatableResponse.create(answer.status(), headers, answer.body(), "application/json");
        Await.value(responses.validate(response, operation));
    }
}
