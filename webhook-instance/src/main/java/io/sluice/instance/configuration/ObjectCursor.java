package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.service.settings.ByteSizeFormat;
import io.sluice.service.settings.DurationFormat;
import io.sluice.service.settings.Secret;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object key by key. A wrong value is noted as a problem and the default returned, so that reading goes on and finds the
 * next mistake; {@link #finish} reports each key that nobody asked for. Values of secrets never show up in a problem.
 */
final class ObjectCursor {
    private final JsonNode object;
    private final Place place;
    private final Reading reading;
    private final Set<String> known = new LinkedHashSet<>();

    private ObjectCursor(JsonNode object, Place place, Reading reading) {
        this.object = object;
        this.place = place;
        this.reading = reading;
    }

    /** Null, and a problem, when the node is not an object. */
    static @Nullable ObjectCursor of(JsonNode node, Place place, Reading reading) {
        if (node.isObject()) {
            return new ObjectCursor(node, place, reading);
        }
        reading.problems().add(place, "wrong_type", describe(node, place) + " (expected: an object)");
        return null;
    }

    Place place() {
        return place;
    }

    Reading reading() {
        return reading;
    }

    boolean has(String key) {
        known.add(key);
        return object.hasNonNull(key);
    }

    private @Nullable JsonNode value(String key) {
        return has(key) ? object.get(key) : null;
    }

    @Nullable
    JsonNode node(String key) {
        return value(key);
    }

    @Nullable
    ObjectCursor object(String key) {
        JsonNode node = value(key);
        return node == null ? null : of(node, place.child(key), reading);
    }

    /** The keys with their values, in the order of the document, without those that start with {@code x-}. */
    Map<String, JsonNode> entries() {
        Map<String, JsonNode> entries = new LinkedHashMap<>();
        object.properties().forEach(entry -> {
            known.add(entry.getKey());
            if (!entry.getKey().startsWith("x-")) {
                entries.put(entry.getKey(), entry.getValue());
            }
        });
        return entries;
    }

    List<JsonNode> items(String key) {
        JsonNode node = value(key);
        List<JsonNode> items = new ArrayList<>();
        if (node != null && node.isArray()) {
            node.forEach(items::add);
        } else if (node != null) {
            wrongType(key, node, "a list");
        }
        return items;
    }

    @Nullable
    String text(String key) {
        JsonNode node = value(key);
        return node == null ? null : text(node, place.child(key));
    }

    String text(String key, String fallback) {
        String text = text(key);
        return text == null ? fallback : text;
    }

    @Nullable
    String requiredText(String key) {
        if (!has(key)) {
            problem(key, "missing", "\"" + key + "\" is missing", null);
            return null;
        }
        String text = text(key);
        if (text != null && text.isBlank()) {
            problem(key, "empty", key + " is empty", null);
            return null;
        }
        return text;
    }

    /** A list of texts, or one text alone. */
    List<String> texts(String key) {
        JsonNode node = value(key);
        if (node == null) {
            return List.of();
        }
        if (node.isTextual()) {
            String text = text(node, place.child(key));
            return text == null ? List.of() : List.of(text);
        }
        List<String> texts = new ArrayList<>();
        List<JsonNode> items = items(key);
        for (int i = 0; i < items.size(); i++) {
            String text = text(items.get(i), place.child(key).child(i));
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    private @Nullable String text(JsonNode node, Place where) {
        if (!node.isTextual()) {
            reading.problems().add(where, "wrong_type", describe(node, where) + " (expected: a text)");
            return null;
        }
        return resolved(node.textValue(), where);
    }

    private @Nullable String resolved(String text, Place where) {
        try {
            return reading.placeholders().resolve(text);
        } catch (Placeholders.UnresolvedException e) {
            reading.problems().add(where, "unresolved_variable", e.getMessage() == null ? "" : e.getMessage());
            return null;
        }
    }

    /** Names with secret values. */
    Map<String, Secret> secretEntries(String key) {
        ObjectCursor cursor = object(key);
        Map<String, Secret> values = new LinkedHashMap<>();
        if (cursor != null) {
            cursor.entries()
                    .forEach((name, node) ->
                            secret(node, cursor.place.child(name), false).ifPresent(value -> values.put(name, value)));
        }
        return values;
    }

    /**
     * Secrets, newest first, under a key for one or a list. One that is empty because a placeholder's default is (`{$OLD:}`) is left
     * out of a list; no secret left, or one that is written as empty, is a problem.
     */
    List<Secret> secrets(String key) {
        JsonNode node = value(key);
        if (node == null) {
            return List.of();
        }
        List<JsonNode> items = node.isArray() ? items(key) : List.of(node);
        List<Secret> secrets = new ArrayList<>();
        int before = reading.problems().all().size();
        for (int i = 0; i < items.size(); i++) {
            Place where = node.isArray() ? place.child(key).child(i) : place.child(key);
            secret(items.get(i), where, node.isArray()).ifPresent(secrets::add);
        }
        if (secrets.isEmpty() && reading.problems().all().size() == before) {
            problem(key, "empty_secret", "no secret that is not empty", null);
        }
        return secrets;
    }

    private Optional<Secret> secret(JsonNode node, Place where, boolean inList) {
        if (!node.isTextual()) {
            reading.problems().add(where, "wrong_type", where.key() + " (expected: a text)");
            return Optional.empty();
        }
        String value = resolved(node.textValue(), where);
        if (value == null) {
            return Optional.empty();
        }
        if (value.isBlank()) {
            if (!inList || node.textValue().isBlank()) {
                reading.problems().add(where, "empty_secret", "the secret is empty");
            }
            return Optional.empty();
        }
        return Optional.of(Secret.of(value));
    }

    boolean flag(String key, boolean fallback) {
        JsonNode node = value(key);
        if (node == null) {
            return fallback;
        }
        String text = node.isBoolean() ? node.asText() : filledIn(node, key);
        if ("true".equals(text) || "false".equals(text)) {
            return Boolean.parseBoolean(text);
        }
        wrongType(key, node, "true or false");
        return fallback;
    }

    int integer(String key, int fallback, int min, int max) {
        JsonNode node = value(key);
        if (node == null) {
            return fallback;
        }
        BigDecimal number = number(key, node);
        if (number == null
                || number.stripTrailingZeros().scale() > 0
                || number.compareTo(BigDecimal.valueOf(min)) < 0
                || number.compareTo(BigDecimal.valueOf(max)) > 0) {
            wrongType(key, node, "an integer from " + min + " to " + max);
            return fallback;
        }
        return number.intValueExact();
    }

    double decimal(String key, double fallback, double min, double max) {
        JsonNode node = value(key);
        if (node == null) {
            return fallback;
        }
        BigDecimal number = number(key, node);
        if (number == null || number.doubleValue() < min || number.doubleValue() > max) {
            wrongType(key, node, "a number from " + min + " to " + max);
            return fallback;
        }
        return number.doubleValue();
    }

    /** A number of seconds, or a text like {@code 250ms}. */
    Duration duration(String key, Duration fallback, Duration min, Duration max) {
        JsonNode node = value(key);
        if (node == null) {
            return fallback;
        }
        Duration duration = duration(key, node);
        if (duration == null || duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            String range = DurationFormat.format(min) + " to " + DurationFormat.format(max);
            wrongType(key, node, "seconds, or a text like \"30s\", from " + range);
            return fallback;
        }
        return duration;
    }

    private @Nullable Duration duration(String key, JsonNode node) {
        BigDecimal seconds = number(key, node);
        if (seconds != null) {
            return Duration.ofMillis(seconds.movePointRight(3).longValue());
        }
        return parsed(key, node, text -> DurationFormat.parse(text).orElse(null));
    }

    /** A number of bytes, or a text like {@code 5MiB}. */
    long bytes(String key, long fallback, long min, long max) {
        JsonNode node = value(key);
        if (node == null) {
            return fallback;
        }
        BigDecimal plain = number(key, node);
        Long bytes = plain == null ? parsed(key, node, ObjectCursor::size) : Long.valueOf(plain.longValue());
        if (bytes == null || bytes < min || bytes > max) {
            wrongType(key, node, "bytes, or a text like \"1MiB\", from " + min + " to " + max);
            return fallback;
        }
        return bytes;
    }

    private static @Nullable Long size(String text) {
        OptionalLong bytes = ByteSizeFormat.parse(text);
        return bytes.isPresent() ? bytes.getAsLong() : null;
    }

    private <T> @Nullable T parsed(String key, JsonNode node, Function<String, @Nullable T> parser) {
        String text = node.isTextual() ? resolved(node.textValue(), place.child(key)) : null;
        return text == null ? null : parser.apply(text);
    }

    /** One of the constants, in lower case. */
    <E extends Enum<E>> E choice(String key, Class<E> type, E fallback) {
        String text = text(key);
        if (text == null) {
            return fallback;
        }
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
        int index = names.indexOf(text.toLowerCase(Locale.ROOT));
        if (index < 0) {
            String expected = names.stream().collect(Collectors.joining(", "));
            problem(
                    key,
                    "unknown_value",
                    key + ": \"" + text + "\" (expected: one of " + expected + ")",
                    Hint.nearest(text, names));
            return fallback;
        }
        return type.getEnumConstants()[index];
    }

    private @Nullable BigDecimal number(String key, JsonNode node) {
        if (node.isNumber()) {
            return node.decimalValue();
        }
        String text = filledIn(node, key);
        try {
            return text == null ? null : new BigDecimal(text.strip());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The text of a placeholder: the only texts that may stand for a number or a flag. */
    private @Nullable String filledIn(JsonNode node, String key) {
        return node.isTextual() && Placeholders.isIn(node.textValue())
                ? resolved(node.textValue(), place.child(key))
                : null;
    }

    private void wrongType(String key, JsonNode node, String expected) {
        Place where = place.child(key);
        if (!reading.problems().isAt(where)) { // an unresolved placeholder has been reported already
            reading.problems().add(where, "wrong_value", describe(node, where) + " (expected: " + expected + ")");
        }
    }

    void problem(String key, String code, String message, @Nullable String hint) {
        reading.problems().add(place.child(key), code, message, hint);
    }

    /** Notes a key that is written as null, for keys where that could be taken for a choice. */
    void refuseNull(String key, String hint) {
        if (object.has(key) && object.get(key).isNull()) {
            known.add(key);
            problem(key, "null", "\"" + key + "\" is null", hint);
        }
    }

    /** Notes that a key is understood but that what it asks for is not there yet. */
    void refuse(String key, String reason, @Nullable String hint) {
        if (has(key)) {
            problem(key, "unsupported", "\"" + key + "\" " + reason, hint);
        }
    }

    /** Reports the keys that were not asked for; {@code x-} keys belong to the user. */
    void finish() {
        object.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key) && !key.startsWith("x-")) {
                problem(key, "unknown_key", "unknown key \"" + key + "\"", Hint.nearest(key, known));
            }
        });
    }

    private static String describe(JsonNode node, Place where) {
        String shown = node.isContainerNode() ? (node.isArray() ? "a list" : "an object") : node.toString();
        return (where.key().isEmpty() ? "the document" : where.key()) + ": " + shown;
    }
}
