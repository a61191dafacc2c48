package io.sluice.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.Origin;
import io.sluice.proxy.pool.Document;
import io.sluice.proxy.pool.StructureChange.ReplaceRoutes;
import io.sluice.service.json.Json;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Reads bodies that have the keys of the settings file. What the keys mean is checked later; here only what everything else relies on. */
final class DocumentBody {
    private static final String NAME = "name";
    private static final String ROUTES = "routes";
    private static final String RATE_LIMITS = "rate-limits";

    private DocumentBody() {}

    static ObjectNode of(RoutingContext ctx) {
        byte[] bytes = ctx.body() == null || ctx.body().buffer() == null
                ? new byte[0]
                : ctx.body().buffer().getBytes();
        try {
            if (Json.mapper().readTree(bytes) instanceof ObjectNode document) {
                return document;
            }
        } catch (JsonProcessingException e) {
            throw invalid("", "not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw invalid("", "expected: a JSON object");
    }

    /** A route's document, whose name is that of the path. */
    static ObjectNode route(RoutingContext ctx, String name) {
        ObjectNode body = of(ctx);
        if (body.has(NAME) && !body.get(NAME).asText().equals(name)) {
            throw invalid("/name", body.get(NAME).asText() + " (expected: " + name + ", as in the path; or none)");
        }
        ObjectNode named = JsonNodeFactory.instance.objectNode().put(NAME, name);
        named.setAll(body);
        return named;
    }

    /** All routes. */
    static ReplaceRoutes routes(RoutingContext ctx) {
        ObjectNode body = of(ctx);
        List<ProblemError> errors = new ArrayList<>();
        body.fieldNames().forEachRemaining(key -> {
            if (!key.equals(ROUTES) && !key.equals(RATE_LIMITS)) {
                errors.add(new ProblemError("/" + key, "no such key (expected: routes, rate-limits)"));
            }
        });
        JsonNode limits = body.get(RATE_LIMITS);
        if (limits != null && !limits.isObject()) {
            errors.add(new ProblemError("/" + RATE_LIMITS, "expected: an object"));
        }
        JsonNode list = body.path(ROUTES);
        if (!list.isArray()) {
            errors.add(new ProblemError("/" + ROUTES, "expected: a list of routes"));
        }
        List<Document> routes = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof ObjectNode route) {
                routes.add(new Document(route.path(NAME).asText(), Origin.API, route));
            } else {
                errors.add(new ProblemError("/" + ROUTES + "/" + i, "expected: an object"));
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.invalidRequest(errors).asException();
        }
        return new ReplaceRoutes(routes, limits instanceof ObjectNode zones ? zones : null);
    }

    private static RuntimeException invalid(String pointer, String detail) {
        return Problem.invalidRequest(List.of(new ProblemError(pointer, detail)))
                .asException();
    }
}
