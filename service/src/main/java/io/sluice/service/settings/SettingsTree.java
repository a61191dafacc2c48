package io.sluice.service.settings;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The parsed document with the line of every key. Built from the token stream, since Jackson's own tree reader forgets lines and stops at
 * the first duplicate key. JSON is read as the YAML it also is.
 */
final class SettingsTree {
    private static final YAMLFactory YAML = new YAMLFactory();

    private final String source;
    private final List<SettingProblem> problems = new ArrayList<>();
    private final Map<String, Integer> lines = new HashMap<>();
    private JsonNode root = JsonNodeFactory.instance.objectNode();

    private SettingsTree(String source) {
        this.source = source;
    }

    static SettingsTree parse(String source, String text) {
        SettingsTree tree = new SettingsTree(source);
        try (YAMLParser parser = YAML.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first != null && first != JsonToken.VALUE_NULL) {
                tree.root = tree.value(parser, "");
                if (parser.nextToken() != null) {
                    tree.problem(parser, "", null, "one document per file");
                }
            }
        } catch (IOException e) {
            tree.problems.add(new SettingProblem(source, "", null, "YAML or JSON: " + firstLine(e.getMessage()), null));
        }
        return tree;
    }

    static SettingsTree of(String source, JsonNode root) {
        SettingsTree tree = new SettingsTree(source);
        tree.root = root;
        return tree;
    }

    static SettingsTree empty(String source) {
        return new SettingsTree(source);
    }

    JsonNode root() {
        return root;
    }

    List<SettingProblem> problems() {
        return problems;
    }

    /** The file with the line of {@code path}, as far as it is known. */
    String locate(String path) {
        Integer line = lines.get(path);
        return line == null ? source : source + ":" + line;
    }

    private JsonNode value(YAMLParser parser, String path) throws IOException {
        if (parser.isCurrentAlias()) {
            problem(parser, path, "*" + parser.getText(), "the value itself: aliases are not supported");
            return JsonNodeFactory.instance.nullNode();
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, path);
            case START_ARRAY -> array(parser, path);
            case VALUE_NUMBER_INT -> JsonNodeFactory.instance.numberNode(parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> JsonNodeFactory.instance.numberNode(parser.getDecimalValue());
            case VALUE_TRUE -> JsonNodeFactory.instance.booleanNode(true);
            case VALUE_FALSE -> JsonNodeFactory.instance.booleanNode(false);
            case VALUE_NULL -> JsonNodeFactory.instance.nullNode();
            default -> JsonNodeFactory.instance.textNode(parser.getText());
        };
    }

    private ObjectNode object(YAMLParser parser, String path) throws IOException {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = Objects.requireNonNull(parser.currentName());
            String child = path.isEmpty() ? key : path + "." + key;
            boolean duplicate = node.has(key);
            if (duplicate) {
                problem(parser, child, null, "each key once: it is also at " + locate(child));
            } else {
                lines.put(child, line(parser));
            }
            parser.nextToken();
            JsonNode value = value(parser, child);
            if (!duplicate) {
                node.set(key, value);
            }
        }
        return node;
    }

    private ArrayNode array(YAMLParser parser, String path) throws IOException {
        ArrayNode node = JsonNodeFactory.instance.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String child = path + "[" + node.size() + "]";
            lines.put(child, line(parser));
            node.add(value(parser, child));
        }
        return node;
    }

    private void problem(JsonParser parser, String path, @Nullable String value, String expectation) {
        problems.add(new SettingProblem(source + ":" + line(parser), path, value, expectation, null));
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }

    private static String firstLine(@Nullable String message) {
        return message == null
                ? "not readable"
                : message.lines().limit(4).reduce((a, b) -> a + " " + b.strip()).orElse("not readable");
    }
}
