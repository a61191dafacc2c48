package io.sluice.service.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps what was read of one section besides what the file says, so that the section can be written down as it was read. */
final class EffectiveSettings {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<String, JsonNode> overrides = new LinkedHashMap<>();
    private final Map<String, SettingsReader> sections = new LinkedHashMap<>();
    private final Map<String, List<SettingsReader>> lists = new LinkedHashMap<>();

    /** A number or a flag as it was understood, anything else as it was written. */
    void override(String key, Object read, String written) {
        overrides.put(key, node(read, written));
    }

    void override(String key, List<String> texts) {
        ArrayNode list = NODES.arrayNode();
        texts.forEach(list::add);
        overrides.put(key, list);
    }

    private static JsonNode node(Object read, String written) {
        if (read instanceof Boolean flag) {
            return NODES.booleanNode(flag);
        }
        if (read instanceof Double number) {
            return NODES.numberNode(number);
        }
        return read instanceof Number number ? NODES.numberNode(number.longValue()) : NODES.textNode(written);
    }

    void section(String key, SettingsReader reader) {
        sections.put(key, reader);
    }

    void items(String key, List<SettingsReader> readers) {
        lists.put(key, List.copyOf(readers));
    }

    /** A section of the file as it was read. */
    ObjectNode of(JsonNode file) {
        ObjectNode all = file instanceof ObjectNode section ? section.deepCopy() : NODES.objectNode();
        overrides.forEach(all::set);
        sections.forEach((key, reader) -> {
            ObjectNode section = reader.effective();
            if (!section.isEmpty() || all.has(key)) {
                all.set(key, section);
            }
        });
        lists.forEach((key, readers) -> {
            if (!readers.isEmpty()) {
                ArrayNode items = all.putArray(key);
                readers.forEach(reader -> items.add(reader.effective()));
            }
        });
        return all;
    }
}
