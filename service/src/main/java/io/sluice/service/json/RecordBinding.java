package io.sluice.service.json;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.service.settings.NearestName;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns JSON into records. Jackson stops at the first mistake; this walks the record's components first and notes every missing, unknown
 * and ill-typed member with its pointer, in nested records, lists, maps and tagged unions too. A component that is neither {@link
 * Nullable} nor {@code boolean} (absent means false) is required.
 */
public final class RecordBinding {
    private final List<JsonMistake> mistakes = new ArrayList<>();

    /** Looking at a type costs more than reading a value of it. */
    private static final Map<JavaType, Map<String, Member>> MEMBERS = new ConcurrentHashMap<>();

    private record Member(JavaType type, boolean required) {}

    private RecordBinding() {}

    /**
     * The record that {@code json} describes.
     *
     * @throws InvalidJsonException with every mistake
     */
    public static <T> T bind(byte[] json, Class<T> type) {
        return bind(parse(json), type);
    }

    /** As {@link #bind(byte[], Class)}, for parsed JSON. */
    public static <T> T bind(JsonNode json, Class<T> type) {
        RecordBinding binding = new RecordBinding();
        binding.check(json, Json.mapper().constructType(type), "");
        if (!binding.mistakes.isEmpty()) {
            throw new InvalidJsonException(binding.mistakes);
        }
        try {
            return Json.mapper().treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new InvalidJsonException(List.of(new JsonMistake(pointer(e), message(e))));
        }
    }

    private static JsonNode parse(byte[] json) {
        try {
            JsonNode tree = Json.mapper().readTree(json);
            if (tree.isMissingNode()) {
                throw new InvalidJsonException(List.of(new JsonMistake("", "no content (expected: a JSON body)")));
            }
            return tree;
        } catch (IOException e) {
            throw new InvalidJsonException(List.of(new JsonMistake("", "not JSON: " + message(e))));
        }
    }

    private void check(JsonNode json, JavaType type, String pointer) {
        Class<?> raw = type.getRawClass();
        if (JsonNode.class.isAssignableFrom(raw)) {
            return;
        }
        if (raw.isRecord()) {
            checkRecord(json, type, pointer, Optional.empty());
        } else if (raw.isAnnotationPresent(JsonTypeInfo.class)) {
            checkUnion(json, raw, pointer);
        } else if (type.isCollectionLikeType()) {
            checkList(json, type.getContentType(), pointer);
        } else if (type.isMapLikeType()) {
            checkMap(json, type.getContentType(), pointer);
        } else {
            checkLeaf(json, type, pointer);
        }
    }

    private void checkRecord(JsonNode json, JavaType type, String pointer, Optional<String> tag) {
        if (!json.isObject()) {
            mistake(pointer, show(json) + " (expected: an object)");
            return;
        }
        Map<String, Member> members = MEMBERS.computeIfAbsent(type, RecordBinding::members);
        json.fieldNames().forEachRemaining(name -> {
            if (!members.containsKey(name) && !tag.equals(Optional.of(name))) {
                String hint = NearestName.of(name, members.keySet())
                        .map(near -> "did you mean " + near + "?")
                        .orElse("expected: one of " + String.join(", ", members.keySet()));
                mistake(pointer + "/" + escape(name), "unknown member (" + hint + ")");
            }
        });
        members.forEach((name, member) -> {
            JsonNode value = json.get(name);
            if (value != null && !value.isNull()) {
                check(value, member.type(), pointer + "/" + escape(name));
            } else if (member.required()) {
                mistake(pointer + "/" + escape(name), "missing (required)");
            }
        });
    }

    private void checkUnion(JsonNode json, Class<?> union, String pointer) {
        String property = union.getAnnotation(JsonTypeInfo.class).property();
        JsonSubTypes alternatives = union.getAnnotation(JsonSubTypes.class);
        Map<String, Class<?>> types = new LinkedHashMap<>();
        if (alternatives != null) {
            Arrays.stream(alternatives.value()).forEach(t -> types.put(t.name(), t.value()));
        }
        if (!json.isObject()) {
            mistake(pointer, show(json) + " (expected: an object with " + property + ")");
            return;
        }
        JsonNode tag = json.path(property);
        Class<?> type = types.get(tag.asText());
        if (type == null) {
            mistake(
                    pointer + "/" + escape(property),
                    (tag.isMissingNode() ? "missing" : show(tag)) + " (expected: one of "
                            + String.join(", ", types.keySet()) + ")");
            return;
        }
        checkRecord(json, Json.mapper().constructType(type), pointer, Optional.of(property));
    }

    private void checkList(JsonNode json, JavaType element, String pointer) {
        if (!json.isArray()) {
            mistake(pointer, show(json) + " (expected: a list)");
            return;
        }
        for (int i = 0; i < json.size(); i++) {
            check(json.get(i), element, pointer + "/" + i);
        }
    }

    private void checkMap(JsonNode json, JavaType value, String pointer) {
        if (!json.isObject()) {
            mistake(pointer, show(json) + " (expected: an object)");
            return;
        }
        json.fields().forEachRemaining(entry -> check(entry.getValue(), value, pointer + "/" + escape(entry.getKey())));
    }

    private void checkLeaf(JsonNode json, JavaType type, String pointer) {
        try {
            Json.mapper().readerFor(type).readValue(json);
        } catch (IOException | RuntimeException e) {
            mistake(pointer, show(json) + " (expected: " + expectation(type.getRawClass(), e) + ")");
        }
    }

    private static Map<String, Member> members(JavaType type) {
        Map<String, RecordComponent> components = Arrays.stream(
                        type.getRawClass().getRecordComponents())
                .collect(Collectors.toMap(RecordComponent::getName, c -> c));
        Map<String, Member> members = new LinkedHashMap<>();
        Json.mapper().getDeserializationConfig().introspect(type).findProperties().stream()
                .filter(BeanPropertyDefinition::couldDeserialize)
                .forEach(property -> {
                    RecordComponent component = components.get(property.getInternalName());
                    boolean required = component != null && isRequired(component);
                    members.put(property.getName(), new Member(property.getPrimaryType(), required));
                });
        return members;
    }

    private static boolean isRequired(RecordComponent component) {
        return component.getType() != boolean.class
                && component.getType() != Optional.class
                && !component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static String expectation(Class<?> type, Exception cause) {
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant -> Json.mapper().convertValue(constant, String.class))
                            .collect(Collectors.joining(", "));
        }
        if (type == String.class) {
            return "text";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        String message = cause instanceof JsonProcessingException json ? json.getOriginalMessage() : message(cause);
        int expected = message.indexOf("expected: ");
        return expected < 0 ? type.getSimpleName() : message.substring(expected + "expected: ".length());
    }

    private void mistake(String pointer, String detail) {
        mistakes.add(new JsonMistake(pointer, detail));
    }

    private static String pointer(JsonProcessingException e) {
        if (!(e instanceof JsonMappingException mapping)) {
            return "";
        }
        return mapping.getPath().stream()
                .map(step -> "/" + (step.getFieldName() == null ? step.getIndex() : escape(step.getFieldName())))
                .collect(Collectors.joining());
    }

    private static String message(Exception e) {
        if (e instanceof JsonMappingException && e.getCause() instanceof RuntimeException refusal) {
            return String.valueOf(refusal.getMessage());
        }
        String message = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        String at = e instanceof JsonProcessingException json && json.getLocation() != null
                ? " (line " + json.getLocation().getLineNr() + ", column "
                        + json.getLocation().getColumnNr() + ")"
                : "";
        return message + at;
    }

    private static String show(JsonNode json) {
        if (json instanceof ObjectNode) {
            return "an object";
        }
        String text = json.toString();
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    private static String escape(String member) {
        return member.replace("~", "~0").replace("/", "~1");
    }
}
