package io.sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.RequestValidator;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import io.vertx.openapi.validation.impl.RequestParameterImpl;
import io.vertx.openapi.validation.impl.ValidatableRequestImpl;
import java.io.InputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The OpenAPI document, as a judge of requests and responses. */
public final class Contract {
    /** Media types that the validator does not know, and what they are for it. */
    private static final Map<String, String> STAND_INS = Map.of(
            "application/problem+json", "application/json",
            "text/event-stream", "text/plain",
            "application/yaml", "text/plain",
            "text/html", "text/plain");

    private final JsonNode document;
    private final OpenAPIContract contract;
    private final RequestValidator requests;
    private final ResponseValidator responses;

    public Contract(Vertx vertx) throws Exception {
        try (InputStream yaml = Objects.requireNonNull(ProxyAdmin.class.getResourceAsStream("openapi.yaml"))) {
            document = new ObjectMapper(new YAMLFactory()).readTree(yaml);
        }
        JsonNode understood = document.deepCopy();
        replaceMediaTypes(understood);
        contract = OpenAPIContract.from(vertx, new JsonObject(understood.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        requests = RequestValidator.create(vertx, contract);
        responses = ResponseValidator.create(vertx, contract);
    }

    private static void replaceMediaTypes(JsonNode node) {
        if (node.get("content") instanceof ObjectNode content) {
            STAND_INS.forEach((type, standIn) -> {
                if (content.has(type)) {
                    content.set(standIn, content.remove(type));
                }
            });
        }
        node.forEach(Contract::replaceMediaTypes);
    }

    /** Refuses a request that the document does not allow. */
    void checkRequest(HttpMethod method, String target, MultiMap headers, @Nullable Buffer body) {
        URI uri = URI.create(target);
        Operation operation = operation(method, uri.getRawPath());
        if (body == null
                && operation.getRequestBody() != null
                && !operation.getRequestBody().isRequired()) {
            return;
        }
        Map<String, RequestParameter> headerValues = new HashMap<>();
        // The validator takes entity tags for broken JSON, and any text is allowed there.
        headers.forEach((name, value) ->
                headerValues.put(name, new RequestParameterImpl(name.equals("If-Match") ? "tag" : value)));
        ValidatableRequestImpl request = new ValidatableRequestImpl(
                Map.of(),
                headerValues,
                pathParameters(operation, uri.getRawPath()),
                query(uri),
                new RequestParameterImpl(body),
                body == null ? null : "application/json");
        await(requests.validate(request, operation.getOperationId()), "request " + method + " " + target);
    }

    private static Map<String, RequestParameter> query(URI uri) {
        Map<String, RequestParameter> query = new HashMap<>();
        if (uri.getRawQuery() != null) {
            for (String pair : List.of(uri.getRawQuery().split("&", -1))) {
                int equals = pair.indexOf('=');
                query.put(pair.substring(0, equals), new RequestParameterImpl(decode(pair.substring(equals + 1))));
            }
        }
        return query;
    }

    private static Map<String, RequestParameter> pathParameters(Operation operation, String path) {
        List<String> template = List.of(operation.getOpenAPIPath().split("/", -1));
        List<String> actual = List.of(path.split("/", -1));
        Map<String, RequestParameter> parameters = new HashMap<>();
        for (int i = 0; i < template.size(); i++) {
            String part = template.get(i);
            if (part.startsWith("{")) {
                parameters.put(part.substring(1, part.length() - 1), new RequestParameterImpl(decode(actual.get(i))));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Whether there is such an operation. */
    public boolean knows(HttpMethod method, String target) {
        return contract.findOperation(URI.create(target).getRawPath(), method) != null;
    }

    /** Refuses an answer that the document does not announce. */
    public void checkResponse(HttpMethod method, String target, HttpResponse<Buffer> response) {
        Operation operation = operation(method, URI.create(target).getRawPath());
        String status = String.valueOf(response.statusCode());
        String type = Objects.requireNonNullElse(response.getHeader("Content-Type"), "")
                .replaceFirst(";.*", "");
        assertThat(declaredTypes(operation, method, status))
                .as("media types of %s %s → %s", method, target, status)
                .contains(type);
        if (!type.endsWith("json")) {
            return;
        }
        Map<String, String> headers = new HashMap<>();
        response.headers().forEach((name, value) -> headers.put(name, value));
        ValidatableResponse answer = ValidatableResponse.create(
                response.statusCode(), headers, response.bodyAsBuffer(), STAND_INS.getOrDefault(type, type));
        await(
                responses.validate(answer, operation.getOperationId()),
                "response " + status + " to " + method + " " + target + ": " + response.bodyAsString());
    }

    private Set<String> declaredTypes(Operation operation, HttpMethod method, String status) {
        JsonNode response = document.path("paths")
                .path(operation.getOpenAPIPath())
                .path(method.name().toLowerCase(Locale.ROOT))
                .path("responses")
                .path(status);
        assertThat(response.isMissingNode())
                .as(operation.getOperationId() + " may answer " + status)
                .isFalse();
        if (response.has("$ref")) {
            response = document.at(response.get("$ref").asText().substring(1));
        }
        Set<String> types = new TreeSet<>();
        response.path("content").fieldNames().forEachRemaining(types::add);
        return types;
    }

    private Operation operation(HttpMethod method, String path) {
        Operation operation = contract.findOperation(path, method);
        assertThat(operation).as("an operation for %s %s", method, path).isNotNull();
        return operation;
    }

    private static void await(Future<?> validation, String what) {
        try {
            validation.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(what + " is not as the contract says: " + e.getCause(), e);
        }
    }
}
