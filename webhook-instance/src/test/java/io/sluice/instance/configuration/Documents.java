package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigProblem;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Documents for tests, written with single quotes. */
final class Documents {
    static final Origin PUSHED = new Origin(Origin.Source.PUSH, Instant.parse("2026-01-01T00:00:00Z"));

    private Documents() {}

    static JsonNode json(String singleQuoted) {
        JsonNode document = StrictJson.parse(bytes(singleQuoted), "test").document();
        if (document == null) {
            throw new IllegalArgumentException("no JSON: " + singleQuoted);
        }
        return document;
    }

    static byte[] bytes(String singleQuoted) {
        return singleQuoted.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    static DocumentPair pair(String webhooks, String connections) {
        return new DocumentPair(json(webhooks), json(connections));
    }

    static DocumentPair webhooks(String webhooks) {
        return pair(webhooks, "{}");
    }

    static ConfigurationReader reader() {
        return new ConfigurationReader(Map.of("TOKEN", "t0ken", "EMPTY", ""), false);
    }

    static Configuration read(DocumentPair documents) {
        return reader().read(documents, 1, PUSHED);
    }

    static String line(ConfigProblem problem) {
        return problem.file() + problem.pointer() + " " + problem.code();
    }
}
