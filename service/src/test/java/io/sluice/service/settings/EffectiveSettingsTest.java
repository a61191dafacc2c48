package io.sluice.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EffectiveSettingsTest {
    private static SettingsDocument document(String yaml, Map<String, String> environment) {
        return SettingsDocument.parse("test.yaml", yaml, environment, "X");
    }

    private static String read(SettingsDocument document) {
        SettingsReader root = document.root();
        SettingsReader part = root.section("part");
        part.integer("count", 1, 0, 100);
        part.flag("on", false);
        part.duration("wait", Duration.ZERO, Duration.ZERO);
        part.texts("names");
        part.bytes("size", 0, 0);
        part.secret("token", "TOKEN");
        root.items("list").forEach(item -> item.text("name", ""));
        root.entries("by-name").values().forEach(entry -> entry.integer("count", 0, 0, 9));
        document.finish();
        return root.effective().toString();
    }

    @Test
    void aFileAloneIsItself() {
        String yaml = "{part: {count: 2, wait: 3s, names: [a]}, list: [{name: x}], by-name: {e: {count: 3}}}";
        assertThat(read(document(yaml, Map.of())))
                .isEqualTo("{\"part\":{\"count\":2,\"wait\":\"3s\",\"names\":[\"a\"]},"
                        + "\"list\":[{\"name\":\"x\"}],\"by-name\":{\"e\":{\"count\":3}}}");
    }

    @Test
    void theEnvironmentTakesThePlaceOfWhatItOverrides() {
        Map<String, String> environment = Map.of(
                "X_PART_COUNT", "7",
                "X_PART_ON", "true",
                "X_PART_WAIT", "9s",
                "X_PART_NAMES", "b, c",
                "X_PART_SIZE", "1KiB",
                "X_LIST_0_NAME", "y",
                "X_BY_NAME_E_COUNT", "4",
                "TOKEN", "hidden");
        String effective =
                read(document("{part: {count: 2}, list: [{name: x}], by-name: {e: {count: 3}}}", environment));
        assertThat(effective)
                .contains("\"count\":7", "\"on\":true", "\"wait\":\"9s\"", "\"names\":[\"b\",\"c\"]", "\"size\":1024")
                .contains("\"list\":[{\"name\":\"y\"}]", "\"e\":{\"count\":4}")
                .doesNotContain("hidden");
        assertThat(read(document(effective, Map.of())))
                .as("it says the same without the environment")
                .isEqualTo(effective);
    }

    @Test
    void nothingIsMadeUpForSectionsThatNobodyGives() {
        assertThat(read(document("{}", Map.of()))).isEqualTo("{}");
    }
}
