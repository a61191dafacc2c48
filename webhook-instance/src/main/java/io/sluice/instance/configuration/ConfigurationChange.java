package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.api.ConfigType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants changed: {@code config} replaces the document (or both) that {@code type} names, if that has the hash {@code
 * ifHash} and the instance is at {@code ifGeneration}, when these are given.
 */
public record ConfigurationChange(
        ConfigType type,
        JsonNode config,
        @Nullable String ifHash,
        @Nullable Long ifGeneration,
        boolean validateOnly,
        @Nullable String source) {
    private static final String FILE = "request";
    private static final String CONFIG = "/config";

    /**
     * Reads the body of a config-update. Problems inside {@code config} point into the document itself.
     *
     * @throws InvalidConfigurationException when it is none
     */
    public static ConfigurationChange parse(byte[] body) {
        StrictJson.Parsed parsed = StrictJson.parse(body, FILE);
        Reading reading = new Reading(new Placeholders(Map.of()));
        ObjectCursor cursor =
                parsed.document() == null ? null : ObjectCursor.of(parsed.document(), Place.root(FILE), reading);
        ConfigurationChange change = cursor == null ? null : read(cursor);
        List<ConfigProblem> problems = new ArrayList<>();
        parsed.problems().forEach(problem -> problems.add(change == null ? problem : relocate(problem, change.type)));
        problems.addAll(reading.problems().all());
        if (change == null || !problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
        return change;
    }

    private static @Nullable ConfigurationChange read(ObjectCursor cursor) {
        if (cursor.requiredText("type") == null) {
            cursor.has("config");
        }
        ConfigType type = cursor.choice("type", ConfigType.class, ConfigType.BUNDLE);
        JsonNode config = cursor.node("config");
        if (config == null) {
            cursor.problem("config", "missing", "\"config\" is missing", null);
        }
        String ifHash = cursor.text("if_hash");
        JsonNode ifGeneration = cursor.node("if_generation");
        if (ifGeneration != null && !ifGeneration.isIntegralNumber()) {
            cursor.problem("if_generation", "wrong_value", "if_generation (expected: an integer)", null);
        }
        boolean validateOnly = cursor.flag("validate_only", false);
        String source = cursor.text("source");
        cursor.node("version"); // older scripts send one; it means nothing here
        cursor.finish();
        Long expected = ifGeneration == null ? null : Long.valueOf(ifGeneration.asLong());
        return config == null ? null : new ConfigurationChange(type, config, ifHash, expected, validateOnly, source);
    }

    private static ConfigProblem relocate(ConfigProblem problem, ConfigType type) {
        String base = switch (type) {
            case WEBHOOKS, CONNECTIONS -> CONFIG;
            case BUNDLE ->
                problem.pointer().startsWith(CONFIG + "/webhooks") ? CONFIG + "/webhooks" : CONFIG + "/connections";
        };
        if (!problem.pointer().startsWith(base + "/")) {
            return problem;
        }
        String file = switch (type) {
            case WEBHOOKS -> WebhookReader.FILE;
            case CONNECTIONS -> ConnectionReader.FILE;
            case BUNDLE -> base.endsWith("webhooks") ? WebhookReader.FILE : ConnectionReader.FILE;
        };
        return new ConfigProblem(
                problem.pointer().substring(base.length()), file, problem.code(), problem.message(), problem.hint());
    }

    /** The pair that there would be after this change. */
    DocumentPair appliedTo(DocumentPair now) {
        return switch (type) {
            case WEBHOOKS -> new DocumentPair(config, now.connections());
            case CONNECTIONS -> new DocumentPair(now.webhooks(), config);
            case BUNDLE -> bundle();
        };
    }

    private DocumentPair bundle() {
        Reading reading = new Reading(new Placeholders(Map.of()));
        ObjectCursor bundle = ObjectCursor.of(config, Place.root("bundle"), reading);
        if (bundle != null) {
            for (String key : List.of("webhooks", "connections")) {
                if (!bundle.has(key)) {
                    bundle.problem(key, "missing", "\"" + key + "\" is missing from the bundle", null);
                }
            }
            bundle.finish();
        }
        if (!reading.problems().isEmpty()) {
            throw new InvalidConfigurationException(reading.problems().all());
        }
        return new DocumentPair(config.get("webhooks"), config.get("connections"));
    }

    /** Hash of what is to be replaced, as {@code ifHash} means it. */
    String replacedHash(Configuration now) {
        return switch (type) {
            case WEBHOOKS -> now.webhooksVersion();
            case CONNECTIONS -> now.connectionsVersion();
            case BUNDLE -> now.hash();
        };
    }
}
