package io.sluice.nginx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A mapping of a YAML document, in the order in which it is filled, with comments above it. */
final class YamlMap {
    private final Map<String, Object> entries = new LinkedHashMap<>();
    private final List<String> comments = new ArrayList<>();

    /** Adds texts, numbers, flags, mappings, and lists of one of these; nothing when {@code value} is null or empty. */
    YamlMap put(String key, @Nullable Object value) {
        boolean empty = value == null
                || (value instanceof YamlMap map && map.entries.isEmpty())
                || (value instanceof Collection<?> list && list.isEmpty());
        if (!empty) {
            entries.put(key, value);
        }
        return this;
    }

    /** Adds a mapping or a list, also when it is empty. */
    YamlMap putAlways(String key, Object value) {
        entries.put(key, value);
        return this;
    }

    YamlMap comment(String line) {
        comments.add(line);
        return this;
    }

    /** All entries of another one, after those that are there. */
    YamlMap putAll(YamlMap other) {
        entries.putAll(other.entries);
        comments.addAll(other.comments);
        return this;
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    @Nullable
    Object get(String key) {
        return entries.get(key);
    }

    boolean saysTheSame(YamlMap other) {
        return entries.equals(other.entries);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    Map<String, Object> entries() {
        return entries;
    }

    List<String> comments() {
        return comments;
    }
}
