package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.instance.api.ConfigProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The two files that an instance starts with while it has stored nothing. Without a connections file there are no connections; without
 * a webhooks file it does not start.
 */
public record SeedFiles(Path webhooks, Path connections) {
    /** Reads both files; throws {@link InvalidConfigurationException} when one is no JSON. Blocks. */
    DocumentPair read() {
        List<ConfigProblem> problems = new ArrayList<>();
        JsonNode webhooksDocument = document(webhooks, WebhookReader.FILE, true, problems);
        JsonNode connectionsDocument = document(connections, ConnectionReader.FILE, false, problems);
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
        return new DocumentPair(webhooksDocument, connectionsDocument);
    }

    private static JsonNode document(Path path, String file, boolean required, List<ConfigProblem> problems) {
        JsonNode none = JsonNodeFactory.instance.objectNode();
        if (!required && Files.notExists(path)) {
            return none;
        }
        try {
            StrictJson.Parsed parsed = StrictJson.parse(Files.readAllBytes(path), file);
            problems.addAll(parsed.problems());
            return parsed.document() == null ? none : parsed.document();
        } catch (IOException e) {
            problems.add(new ConfigProblem("", file, "unreadable", path + " cannot be read: " + e, null));
            return none;
        }
    }
}
