package io.sluice.service.problem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.service.json.InvalidJsonException;
import io.sluice.service.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A problem document (RFC 9457).
 *
 * @param type stable slug such as {@code floor-would-break}; on the wire {@code /problems/<slug>}
 * @param title the same for every occurrence of the type
 * @param status the HTTP status
 * @param detail what happened this time
 * @param errors every single mistake, where there are several
 * @param extensions further members, by name
 */
public record Problem(
        String type,
        String title,
        int status,
        @Nullable String detail,
        List<ProblemError> errors,
        Map<String, Object> extensions) {
    /** Content type of the document. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final String TYPE_PREFIX = "/problems/";
    private static final Set<String> STANDARD = Set.of("type", "title", "status", "detail", "errors");

    public Problem {
        errors = List.copyOf(errors);
        extensions = Collections.unmodifiableMap(new LinkedHashMap<>(extensions));
    }

    public static Problem of(String type, int status, String title) {
        return new Problem(type, title, status, null, List.of(), Map.of());
    }

    /** 404: what was asked for does not exist. */
    public static Problem notFound(String detail) {
        return of("not-found", 404, "Not found").withDetail(detail);
    }

    /** 400: the request is wrong in the ways that {@code errors} list. */
    public static Problem invalidRequest(List<ProblemError> errors) {
        return of("invalid-request", 400, "The request is not valid").withErrors(errors);
    }

    /** 400: the request body is not the JSON that is expected. */
    public static Problem invalidRequest(InvalidJsonException cause) {
        return invalidRequest(cause.mistakes().stream()
                .map(mistake -> new ProblemError(mistake.pointer(), mistake.detail()))
                .toList());
    }

    public Problem withDetail(String newDetail) {
        return new Problem(type, title, status, newDetail, errors, extensions);
    }

    public Problem withErrors(List<ProblemError> newErrors) {
        return new Problem(type, title, status, detail, newErrors, extensions);
    }

    /** The same with one more extension member. */
    public Problem with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(extensions);
        more.put(name, value);
        return new Problem(type, title, status, detail, errors, more);
    }

    /** This problem as an exception. */
    public ProblemException asException() {
        return new ProblemException(this);
    }

    /** The document as it goes over the wire. */
    public ObjectNode toJson() {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("type", TYPE_PREFIX + type).put("title", title).put("status", status);
        if (detail != null) {
            json.put("detail", detail);
        }
        if (!errors.isEmpty()) {
            json.set("errors", Json.mapper().valueToTree(errors));
        }
        extensions.forEach((name, value) -> json.set(name, Json.mapper().valueToTree(value)));
        return json;
    }

    /** Reads a document that {@link #toJson()} or somebody else wrote; what is missing gets the defaults of RFC 9457 §3.1. */
    public static Problem fromJson(JsonNode json, int httpStatus) {
        String uri = json.path("type").asText("about:blank");
        List<ProblemError> errors = new ArrayList<>();
        json.path("errors")
                .forEach(error -> errors.add(new ProblemError(
                        error.path("pointer").asText(""), error.path("detail").asText(""))));
        Map<String, Object> extensions = new LinkedHashMap<>();
        json.fields().forEachRemaining(member -> {
            if (!STANDARD.contains(member.getKey())) {
                extensions.put(member.getKey(), member.getValue());
            }
        });
        return new Problem(
                uri.substring(uri.lastIndexOf('/') + 1),
                json.path("title").asText("HTTP status " + httpStatus),
                json.path("status").asInt(httpStatus),
                json.path("detail").textValue(),
                errors,
                extensions);
    }

    /** The problem in one line, for logs and terminals. */
    public String message() {
        StringBuilder message = new StringBuilder(title);
        if (detail != null) {
            message.append(": ").append(detail);
        }
        errors.forEach(error -> message.append("; ")
                .append(error.pointer())
                .append(error.pointer().isEmpty() ? "" : ": ")
                .append(error.detail()));
        return message.toString();
    }
}
