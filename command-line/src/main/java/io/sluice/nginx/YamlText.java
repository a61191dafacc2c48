package io.sluice.nginx;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes {@link YamlMap}s. Texts that could be read as something else are quoted as in JSON, which YAML contains. */
final class YamlText {
    private static final Pattern PLAIN =
            Pattern.compile("[A-Za-z/][A-Za-z0-9_./-]*|[0-9]+(ms|s|m|h|d|KiB|MiB|GiB|TiB)");
    private static final Set<String> NOT_TEXT = Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");
    private final StringBuilder out = new StringBuilder();

    private YamlText() {}

    static String of(YamlMap root) {
        YamlText text = new YamlText();
        text.comments(root, 0);
        text.entries(root, 0, false);
        return text.out.toString();
    }

    private void entries(YamlMap map, int indent, boolean firstIsIndented) {
        boolean indented = firstIsIndented;
        for (Map.Entry<String, Object> entry : map.entries().entrySet()) {
            if (entry.getValue() instanceof YamlMap below) {
                comments(below, indent);
            }
            out.append(" ".repeat(indented ? 0 : indent))
                    .append(scalar(entry.getKey()))
                    .append(':');
            indented = false;
            value(entry.getValue(), indent);
        }
    }

    private void value(Object value, int indent) {
        if (value instanceof YamlMap map) {
            out.append(map.isEmpty() ? " {}\n" : "\n");
            entries(map, indent + 2, false);
        } else if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof YamlMap) {
            out.append('\n');
            list.forEach(item -> item((YamlMap) item, indent + 2));
        } else if (value instanceof List<?> list) {
            out.append(" [")
                    .append(String.join(
                            ", ", list.stream().map(YamlText::scalar).toList()))
                    .append("]\n");
        } else {
            out.append(' ').append(scalar(value)).append('\n');
        }
    }

    private void item(YamlMap map, int indent) {
        comments(map, indent);
        out.append(" ".repeat(indent)).append("- ");
        entries(map, indent + 2, true);
    }

    private void comments(YamlMap map, int indent) {
        map.comments()
                .forEach(line -> out.append((" ".repeat(indent) + "# " + line).stripTrailing())
                        .append('\n'));
    }

    private static String scalar(Object value) {
        if (!(value instanceof String text)) {
            return value.toString();
        }
        return PLAIN.matcher(text).matches() && !NOT_TEXT.contains(text.toLowerCase(Locale.ROOT)) ? text : quoted(text);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ' || c >= 0x7f) {
                        quoted.append(String.format("\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
