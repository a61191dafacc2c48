package io.sluice.instance.configuration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.instance.api.ConfigProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON for people's configuration: a key that stands twice in an object is a problem (with its pointer) instead of quietly winning
 * over the first, and so is anything after the end. Syntax errors are told with line, column and the nearest pointer.
 */
public final class StrictJson {
    private static final int MAX_DEPTH = 64;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private final String file;
    private final Problems problems = new Problems();

    private StrictJson(String file) {
        this.file = file;
    }

    /** What was read: a document, or problems, or both when keys stand twice. */
    public record Parsed(@Nullable JsonNode document, List<ConfigProblem> problems) {}

    /**
     * Reads one document.
     *
     * @param file the name by which problems call the text
     */
    public static Parsed parse(byte[] utf8, String file) {
        StrictJson reader = new StrictJson(file);
        JsonNode document = reader.document(utf8);
        return new Parsed(document, reader.problems.all());
    }

    private @Nullable JsonNode document(byte[] utf8) {
        try (JsonParser parser = FACTORY.createParser(utf8)) {
            try {
                if (parser.nextToken() == null) {
                    problems.add(Place.root(file), "invalid_json", "empty (expected: a JSON object)");
                    return null;
                }
                JsonNode root = value(parser, Place.root(file));
                if (parser.nextToken() != null) {
                    problems.add(Place.root(file), "invalid_json", "more text after the end of the document");
                }
                return root;
            } catch (JsonProcessingException e) {
                problems.add(
                        new Place(
                                file, parser.getParsingContext().pathAsPointer().toString()),
                        "invalid_json",
                        describe(e));
                return null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory", e);
        }
    }

    private static String describe(JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        if (location == null) {
            return e.getOriginalMessage(); // a limit was hit
        }
        return "line " + location.getLineNr() + ", column " + location.getColumnNr() + ": " + e.getOriginalMessage();
    }

    private JsonNode value(JsonParser parser, Place place) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, place);
            case START_ARRAY -> array(parser, place);
            case VALUE_STRING -> JsonNodeFactory.instance.textNode(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser, place);
            case VALUE_TRUE -> JsonNodeFactory.instance.booleanNode(true);
            case VALUE_FALSE -> JsonNodeFactory.instance.booleanNode(false);
            case VALUE_NULL -> JsonNodeFactory.instance.nullNode();
            case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                throw new IllegalStateException("no value at " + place);
        };
    }

    /** Canonical JSON, by which configurations are named, knows no number beyond a double (RFC 8785 §3.2.2.3). */
    private JsonNode number(JsonParser parser, Place place) throws IOException {
        JsonNode number = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                ? JsonNodeFactory.instance.numberNode(parser.getBigIntegerValue())
                : JsonNodeFactory.instance.numberNode(parser.getDoubleValue());
        if (Double.isInfinite(number.doubleValue())) {
            problems.add(place, "invalid_json", "the number is too large");
            return JsonNodeFactory.instance.numberNode(0);
        }
        return number;
    }

    private ObjectNode object(JsonParser parser, Place place) throws IOException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            JsonNode value = value(parser, place.child(key));
            if (object.has(key)) {
                problems.add(place.child(key), "duplicate_key", "\"" + key + "\" stands more than once");
            }
            object.set(key, value);
        }
        return object;
    }

    private ArrayNode array(JsonParser parser, Place place) throws IOException {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser, place.child(array.size())));
        }
        return array;
    }
}
